/** A drawing of lines over a logarithmic axis. */
export interface Drawing {
  /** What the axes show. */
  x: string;
  y: string;
  lines: { name: string; points: (readonly [x: number, y: number])[] }[];
}

const [WIDTH, HEIGHT] = [640, 360];
const MARGIN = { left: 56, right: 150, top: 16, bottom: 44 };
const COLOURS = ['#0b62a4', '#b4432e', '#2e7d4f', '#7a4fa3', '#8a6d00'];
const Y_STEPS = 5;

/** An SVG image, readable on white and on black. Its x axis is marked at powers of ten, its y axis begins at 0. */
export function drawLines({ x, y, lines }: Drawing): string {
  const all = lines.flatMap((line) => line.points);
  const logs = all.map(([at]) => Math.log10(at));
  const [from, to] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
  const top = niceCeiling(Math.max(...all.map(([, value]) => value)));
  const toX = (at: number) =>
    MARGIN.left + ((Math.log10(at) - from) / (to - from)) * (WIDTH - MARGIN.left - MARGIN.right);
  const toY = (value: number) => HEIGHT - MARGIN.bottom - (value / top) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const right = WIDTH - MARGIN.right;
  const text = (atX: number, atY: number, anchor: string, words: string) =>
    `<text x="${atX.toFixed(1)}" y="${atY.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;
  const grid = Array.from({ length: Y_STEPS + 1 }, (_, step) => (step * top) / Y_STEPS).map((value) => {
    const atY = toY(value).toFixed(1);
    const rule = `<line x1="${MARGIN.left}" x2="${right}" y1="${atY}" y2="${atY}" stroke="#8884"/>`;
    return rule + text(MARGIN.left - 8, toY(value) + 4, 'end', String(Number(value.toPrecision(3))));
  });
  const decades = Array.from({ length: to - from + 1 }, (_, step) => 10 ** (from + step)).map((at) =>
    text(toX(at), HEIGHT - MARGIN.bottom + 18, 'middle', at.toLocaleString('en')),
  );
  const drawn = lines.map(({ name, points }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(([at, value]) => `${toX(at).toFixed(1)},${toY(value).toFixed(1)}`).join(' ');
    const dots = points.map(
      ([at, value]) => `<circle cx="${toX(at).toFixed(1)}" cy="${toY(value).toFixed(1)}" r="3"/>`,
    );
    const label = text(right + 10, MARGIN.top + 12 + index * 18, 'start', name);
    return `<g fill="${colour}"><polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}${label}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#808080">`,
    ...grid,
    ...decades,
    text((MARGIN.left + right) / 2, HEIGHT - 8, 'middle', x),
    text(MARGIN.left, MARGIN.top - 4, 'start', y),
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** The next of 1, 2 or 5 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= value) as number;
}
