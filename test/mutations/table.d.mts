export interface Mutation {
  file: string;
  from: string;
  to: string;
  test: string;
  name?: string;
  runtime?: string;
}
export const mutations: Mutation[];
