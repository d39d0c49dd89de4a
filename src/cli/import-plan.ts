import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadServers } from '../config';
import { connect } from '../db/connect';
import { importPlan } from '../db/plan';
import { Refusal, type FieldFault } from '../errors';
import { readPricedPlan, type PricedPlan } from '../plan/check';

const USAGE = 'import-plan <file> --schedule <id> [--price <category>=<amount> …]';
/** A whole number, as text. */
const INTEGER = /^\d{1,15}$/;

interface Arguments {
  file: string;
  scheduleId: number;
  /** By category; they go over those in the file. */
  prices: Record<string, number>;
}

function readArguments(args: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { schedule: { type: 'string' }, price: { type: 'string', multiple: true } },
  });
  const [file, ...others] = positionals;
  if (!file || others.length > 0 || !INTEGER.test(values.schedule ?? '')) throw new Error(`usage: ${USAGE}`);
  const prices = (values.price ?? []).map((text): [string, number] => {
    // A category may have an equals sign in its name, an amount has none.
    const at = text.lastIndexOf('=');
    if (at < 1 || !INTEGER.test(text.slice(at + 1))) throw new Error(`--price ${text}: expected <category>=<amount>`);
    return [text.slice(0, at), Number(text.slice(at + 1))];
  });
  return { file, scheduleId: Number(values.schedule), prices: Object.fromEntries(prices) };
}

/** Of a file that is a plan, or what `GET /admin/schedules/{id}/plan` gives, with its prices. */
function readFile({ file, prices }: Arguments): PricedPlan {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const isExport = typeof content === 'object' && content !== null && 'plan' in content;
  const { plan, prices: own = {} } = isExport ? (content as { plan: unknown; prices?: object }) : { plan: content };
  try {
    return readPricedPlan({ plan, prices: { ...own, ...prices } });
  } catch (error) {
    if (isExport || !(error instanceof Refusal)) throw error;
    throw new Refusal(error.code, error.detail, { errors: faultsOf(error).map(toPlaceInPlan) }, error);
  }
}

const faultsOf = ({ members }: Refusal): FieldFault[] => (members['errors'] ?? []) as FieldFault[];

/** Where the file is the plan itself, places in it do not begin with `/plan`. */
function toPlaceInPlan({ pointer, detail }: FieldFault): FieldFault {
  return {
    pointer: pointer.replace(/^\/plan(?=\/|$)/, ''),
    detail: detail.replace(/(^| )is (that of )?\/plan(\/zones\/\S+(?:, too| already))$/, '$1is $2$3'),
  };
}

/** Makes the seats of a date by a plan in a file. Exit code 1, with every fault, if it cannot be done; then nothing is made. */
async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2));
  const priced = readFile(given);
  const db = connect({ url: loadServers().databaseUrl, poolMax: 1 });
  try {
    const imported = await importPlan(db, given.scheduleId, priced);
    if (!imported) throw new Error(`there is no schedule ${given.scheduleId}`);
    console.log(`schedule ${given.scheduleId} has ${imported.added} seats now`);
  } finally {
    await db.destroy();
  }
}

main().catch((error: unknown) => {
  console.error(`The plan was not imported: ${error instanceof Refusal ? error.detail : (error as Error).message}`);
  const faults = error instanceof Refusal ? faultsOf(error) : [];
  for (const { pointer, detail } of faults) console.error(`  ${pointer || '/'}: ${detail}`);
  process.exitCode = 1;
});
