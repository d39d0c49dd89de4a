import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/messages';

interface Props {
  /** For the tab of the browser. */
  text: string;
  children?: ComponentChildren;
}

let shownBefore = false;

/** The heading of a page. Gets the focus when the page is changed, so that a screen reader goes on from there. */
export function Title({ text, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${text} · ${t().name}`;
  }, [text]);
  useEffect(() => {
    if (shownBefore) heading.current?.focus({ preventScroll: true });
    shownBefore = true;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? text}
    </h1>
  );
}
