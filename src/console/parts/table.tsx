import type { ComponentChildren } from 'preact';

/** Over a column of words, or of numbers, which stand at the right; false where the column is left out. */
export type Title = string | { readonly number: string; readonly class?: string } | false;

interface TableProps {
  readonly titles: readonly Title[];
  readonly class?: string;
  /** What the table holds, for those who do not see it. */
  readonly label?: string;
  /** The rows. */
  readonly children: ComponentChildren;
}

/** Rows under their titles, which scrolls sideways where the window is too narrow. */
export function Table({ titles, class: name, label = 'Table', children }: TableProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class={name}>
        <thead>
          <tr>
            {titles.map((title) =>
              title === false ? null : typeof title === 'string' ? (
                <th key={title} scope="col">
                  {title}
                </th>
              ) : (
                <th
                  key={title.number}
                  scope="col"
                  class={title.class === undefined ? 'number' : `number ${title.class}`}
                >
                  {title.number}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
