/** The crow's nest: a mast with its basket and pennant. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true" class="mark">
      <path d="M16 3v26M8 15h16l-2 7H10zM16 4l7 3-7 3" />
    </svg>
  );
}
