// One picture of saved results: for each group a bar for each subject, as SVG that is readable on a light page
// and on a dark one. It knows figures, and no files.

const WIDTH = 760;
const LABEL = 170;
const VALUE = 80;
const BAR = 16;
const GAP = 4;
const HEAD = 30;

const colours = {
  eio: "#2f7ed8",
  node: "#c7651d",
  fio: "#7f8790",
  bun: "#7f8790",
  module: "#7f8790",
};

/** Null where there is nothing to draw. */
export function picture(reports) {
  const outcomes = reports.flatMap(({ outcomes }) => outcomes);
  const drawn = outcomes
    .map(({ title, rows }) => ({
      title,
      rows: rows.filter(({ subject }) => subject.which !== "null"),
    }))
    .filter(({ rows }) => rows.length > 0);
  if (drawn.length === 0) return null;
  let y = 8;
  const parts = drawn.map((group) => {
    const part = groupAt(group, y);
    y += HEAD + group.rows.length * (BAR + GAP) + 10;
    return part;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>Operations a second, by work and subject</title>
<style>text{fill:#24292f}.soft{fill:#57606a}@media (prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9da7b1}}</style>
${parts.join("\n")}
</svg>
`;
}

function groupAt({ title, rows }, top) {
  const most = Math.max(...rows.map(({ rate }) => rate.max));
  const scale = (WIDTH - LABEL - VALUE) / most;
  const bars = rows.map(({ subject, rate }, i) => {
    const y = top + HEAD + i * (BAR + GAP);
    const width = round(rate.median * scale);
    const [from, to] = [rate.min, rate.max].map((value) =>
      round(LABEL + value * scale),
    );
    const middle = y + BAR / 2;
    return [
      `<text x="${LABEL - 8}" y="${y + 12}" text-anchor="end">${escaped(subject.name)}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${width}" height="${BAR}" rx="2" fill="${colours[subject.kind]}"/>`,
      `<path d="M${from} ${middle}H${to}M${from} ${middle - 4}v8M${to} ${middle - 4}v8" stroke="#808890" fill="none"/>`,
      `<text class="soft" x="${to + 6}" y="${y + 12}">${Math.round(rate.median).toLocaleString("en-US")}</text>`,
    ].join("");
  });
  return [
    `<text x="0" y="${top + 18}" font-size="14" font-weight="600">${escaped(title)}, operations a second</text>`,
    ...bars,
  ].join("\n");
}

const round = (value) => Math.round(value * 10) / 10;
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
