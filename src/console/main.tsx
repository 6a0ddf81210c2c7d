import { render } from 'preact';
import { LocationProvider } from 'preact-iso';
import { Shell } from './shell.tsx';

const root = document.getElementById('app');
if (root !== null) {
  render(
    <LocationProvider>
      <Shell />
    </LocationProvider>,
    root,
  );
}
