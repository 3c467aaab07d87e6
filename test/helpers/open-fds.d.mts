export function openFds(): number;
