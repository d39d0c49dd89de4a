import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const file = (name: string): string => readFileSync(path.join(__dirname, '../..', name), 'utf8');

export interface Alert {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

/** The alert rules of `deploy/prometheus`. */
export function readAlerts(): Alert[] {
  const { groups } = parse(file('deploy/prometheus/alerts.yml')) as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string } };
  targets?: { refId: string; expr: string; legendFormat?: string }[];
}

/** The panels of `deploy/grafana`. */
export function readPanels(): Panel[] {
  return (JSON.parse(file('deploy/grafana/frontrow.json')) as { panels: Panel[] }).panels;
}
