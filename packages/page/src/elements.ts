// Small makers of elements. Text goes in as text: nothing that a result says becomes markup.

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
}

export const styleValue = (variable: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
