import { useRoute } from 'preact-iso';
import { PlaybookText } from '../parts/playbook.tsx';

export function PlaybookPage() {
  const { params } = useRoute();
  return (
    <section class="page">
      <PlaybookText name={params.name} />
    </section>
  );
}
