import { render } from 'preact';
import { readWebConfig } from '../api/web-config';
import '../styles/base.css';
import '../styles/ops.css';
import { App } from './app';
import { webConfig } from './session';

/** Between two tries to load the page's settings from a server that does not answer yet. */
const CONFIG_AGAIN_MS = 2_000;

async function start(): Promise<void> {
  try {
    webConfig.value = await readWebConfig();
    render(<App />, document.getElementById('app')!);
  } catch {
    setTimeout(() => void start(), CONFIG_AGAIN_MS);
  }
}

void start();
