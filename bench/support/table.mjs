// A table of text: the first column to the left, the others to the right.

/** Prints rows as they come, under a line of titles. */
export function tablePrinter(titles, widths) {
  const print = (cells) =>
    console.log(
      cells
        .map((cell, i) =>
          i === 0
            ? String(cell).padEnd(widths[i])
            : String(cell).padStart(widths[i]),
        )
        .join(" "),
    );
  print(titles);
  return print;
}

export const grouped = (number) => Math.round(number).toLocaleString("en-US");
