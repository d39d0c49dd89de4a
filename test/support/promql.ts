import { parser } from '@prometheus-io/lezer-promql';

/** What an expression needs to be there: the metrics that it selects, and the labels that it matches or groups by. */
export interface Needs {
  metrics: string[];
  labels: string[];
}

/** Reads an expression by Prometheus's own grammar. Throws where it is none. */
export function needsOf(expression: string): Needs {
  // Grafana puts a duration in its place.
  const text = expression.replaceAll('$__rate_interval', '5m');
  const metrics = new Set<string>();
  const labels = new Set<string>();
  parser.parse(text).iterate({
    enter: ({ type, name, from, to, node }) => {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${text}`);
      if (name === 'LabelName') labels.add(text.slice(from, to));
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') metrics.add(text.slice(from, to));
    },
  });
  return { metrics: [...metrics], labels: [...labels] };
}

/** The series of a scrape in Prometheus's text format: by metric, the names of their labels. */
export function seriesOf(scrape: string): Map<string, Set<string>> {
  const series = new Map<string, Set<string>>();
  for (const [, metric, labels] of scrape.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/gm)) {
    const known = series.get(metric as string) ?? new Set();
    for (const [, label] of (labels ?? '').matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) known.add(label as string);
    series.set(metric as string, known);
  }
  return series;
}

/** Made by Prometheus for what it scrapes. */
const TARGET_METRICS: ReadonlySet<string> = new Set(['up']);
const TARGET_LABELS: ReadonlySet<string> = new Set(['job', 'instance']);

/** What an expression needs and these series do not have: metrics, and labels that none of its metrics has. */
export function missingIn(series: Map<string, Set<string>>, expression: string): string[] {
  const { metrics, labels } = needsOf(expression);
  const known = new Set(metrics.flatMap((metric) => [...(series.get(metric) ?? [])]));
  return [
    ...metrics.filter((metric) => !series.has(metric) && !TARGET_METRICS.has(metric)),
    ...labels.filter((label) => !known.has(label) && !TARGET_LABELS.has(label)),
  ];
}
