// Types of the check whether a binary is current, for tests that build one. They hold no rules.
export declare function isCurrent(file: string, more?: string[]): boolean;
