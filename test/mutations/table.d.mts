export interface Mutation {
  file: string;
  from: string;
  to: string;
  test: string;
  name?: string;
}
export const mutations: Mutation[];
