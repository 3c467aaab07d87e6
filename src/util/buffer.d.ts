// Buffer methods that Node has and its types leave out. It does not know who calls them.
interface Buffer {
  utf8Slice(start?: number, end?: number): string;
  utf8Write(text: string, offset?: number, length?: number): number;
  latin1Slice(start?: number, end?: number): string;
}
