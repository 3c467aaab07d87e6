export function faultsBuild(): string;
