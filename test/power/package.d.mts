export function loadPackage(fs: object): unknown;
