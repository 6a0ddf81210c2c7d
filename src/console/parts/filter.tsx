interface FilterProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly count: number;
  /** What there is without a filter: `2000 rules`. */
  readonly of: string;
}

/** A box that narrows a list; the number of what is left is announced. */
export function Filter({ label, value, onChange, count, of }: FilterProps) {
  return (
    <div class="bar">
      <input
        type="search"
        data-search
        class="filter"
        placeholder={`${label}   /`}
        aria-label={label}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <span class="quiet" role="status">
        {value === '' ? of : `${count} of ${of}`}
      </span>
    </div>
  );
}
