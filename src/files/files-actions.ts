/** Of /etc in version control: its own program is told before and after, as apt tells it. */
export type FilesAction = { readonly do: 'commit-etc'; readonly when: 'before' | 'after' };
