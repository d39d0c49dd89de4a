/** Pictures of numbers that stand beside them in words: for screen readers, one sentence each. */

const [WIDTH, HEIGHT] = [120, 32];

interface SparklineProps {
  values: readonly number[];
  /** What the highest point of the picture stands for, at least. */
  atLeast?: number;
  label: string;
}

/** A line from the oldest to the newest value. */
export function Sparkline({ values, atLeast = 1, label }: SparklineProps) {
  const top = Math.max(atLeast, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map(
    (value, index) => `${(index * step).toFixed(1)},${(HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1)}`,
  );
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {points.length > 1 && <polygon class="area" points={`0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`} />}
      {points.length > 1 && <polyline points={points.join(' ')} />}
    </svg>
  );
}

interface Part {
  name: string;
  value: number;
}

/** How a whole is divided. `name` is the class of its part. */
export function Shares({ parts, label }: { parts: readonly Part[]; label: string }) {
  const total = Math.max(
    1,
    parts.reduce((sum, { value }) => sum + value, 0),
  );
  let x = 0;
  return (
    <svg class="shares" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={label}>
      {parts.map(({ name, value }) => {
        const width = (value / total) * 100;
        x += width;
        return <rect key={name} class={name} x={x - width} y={0} width={width} height={10} />;
      })}
    </svg>
  );
}

const COLUMN_HEIGHT = 64;

interface Column {
  value: number;
  /** Said when it is pointed at. */
  title: string;
}

/** A column for each piece of time. */
export function Columns({ columns, label }: { columns: readonly Column[]; label: string }) {
  const top = Math.max(1, ...columns.map(({ value }) => value));
  return (
    <svg
      class="columns"
      viewBox={`0 0 ${columns.length * 10} ${COLUMN_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {columns.map(({ value, title }, index) => {
        const height = (value / top) * COLUMN_HEIGHT;
        return (
          <g key={title}>
            <title>{title}</title>
            <rect class="ground" x={index * 10} y={0} width={10} height={COLUMN_HEIGHT} />
            <rect x={index * 10 + 1} y={COLUMN_HEIGHT - height} width={8} height={height} />
          </g>
        );
      })}
    </svg>
  );
}

interface Stack {
  parts: readonly Part[];
  /** Said when it is pointed at. */
  title: string;
}

/** How a whole was divided in each piece of time. `name` is the class of a part; the first one is at the bottom. */
export function Stacks({ stacks, label }: { stacks: readonly Stack[]; label: string }) {
  return (
    <svg
      class="shares stacks"
      viewBox={`0 0 ${stacks.length * 10} ${COLUMN_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {stacks.map(({ parts, title }, index) => {
        const total = parts.reduce((sum, { value }) => sum + value, 0);
        let top = COLUMN_HEIGHT;
        return (
          <g key={title}>
            <title>{title}</title>
            {parts.map(({ name, value }) => {
              const height = total > 0 ? (value / total) * COLUMN_HEIGHT : 0;
              top -= height;
              return <rect key={name} class={name} x={index * 10} y={top} width={10} height={height} />;
            })}
          </g>
        );
      })}
    </svg>
  );
}
