import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { readAlerts, readPanels, type Panel } from '../support/deployed';
import { missingIn, needsOf, seriesOf } from '../support/promql';

const file = (name: string): string => readFileSync(path.join(__dirname, '../..', name), 'utf8');
const operations = file('docs/operations.md');

describe('the dashboard', () => {
  const panels = readPanels();
  const graphs = panels.filter(({ type }) => type !== 'row');

  test('has a title, a unit and PromQL with a legend in every panel', () => {
    expect(graphs.length).toBeGreaterThan(30);
    for (const { title, fieldConfig, targets = [] } of graphs) {
      expect([title, fieldConfig?.defaults.unit, targets.length > 0]).toEqual([title, expect.any(String), true]);
      for (const { expr, legendFormat } of targets) {
        expect([title, needsOf(expr).metrics.length > 0, legendFormat]).toEqual([title, true, expect.any(String)]);
      }
    }
  });

  test('has no two panels with one id, or in one place', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(cellsOf);
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.filter((cell) => Number(cell.split(' ')[0]) >= 24)).toEqual([]);
  });

  function cellsOf({ gridPos: { x, y, w, h } }: Panel): string[] {
    return Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`);
  }
});

describe('every alert', () => {
  const alerts = readAlerts();
  const anchors = [...operations.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    (title as string)
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

  test.each(alerts)(
    '$alert has a severity, a summary, and a section of the operations guide that is there',
    (alert) => {
      expect(alert.expr).toMatch(/\S/);
      expect(needsOf(alert.expr).metrics).not.toEqual([]);
      expect(['critical', 'warning']).toContain(alert.labels.severity);
      expect(alert.annotations.summary).toMatch(/^\S.{20,}/);
      const [, anchor] = /^docs\/operations\.md#(.+)$/.exec(alert.annotations.runbook) ?? [];
      expect(anchors).toContain(anchor);
    },
  );

  test('is in the table of the operations guide, and none is in it that is not there', () => {
    const listed = [...operations.matchAll(/^\| `(Frontrow\w+)` \|/gm)].map(([, name]) => name as string);
    expect(listed.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  });

  test('is loaded by the configuration of Prometheus, which names the jobs that the alerts know', () => {
    const { rule_files: files, scrape_configs: scrapes } = parse(file('deploy/prometheus/prometheus.yml')) as {
      rule_files: string[];
      scrape_configs: { job_name: string }[];
    };
    expect(files).toEqual(['alerts.yml']);
    expect(scrapes.map(({ job_name: job }) => job)).toEqual(['frontrow-api', 'frontrow-worker']);
  });
});

test('control: what is no PromQL is refused', () => {
  expect(() => needsOf('sum(rate(http_requests[5m])')).toThrow('not PromQL');
  expect(() => needsOf('frontrow_seats{state=held}')).toThrow('not PromQL');
});

test('control: a metric or a label that no series has is found, also deep in an expression', () => {
  const series = seriesOf('# TYPE a counter\na{x="1",y="a \\" }b"} 2\nb 3\n');
  expect(missingIn(series, 'sum by (x) (rate(a{y="1"}[5m])) / scalar(b)')).toEqual([]);
  expect(missingIn(series, 'sum by (x) (rate(a[5m])) and on (job) (max(invented{y="1"}) > 0)')).toEqual(['invented']);
  expect(missingIn(series, 'sum by (z) (a)')).toEqual(['z']);
});
