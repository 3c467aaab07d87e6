export declare function isCurrent(file: string, more?: string[]): boolean;
