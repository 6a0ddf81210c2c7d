import { type ResourceTable, experimental } from '../family.ts';
import { at, entries, text } from '../fields.ts';
import { seriesLabels } from '../label-names.ts';
import { clusterWide, created, info, isTrue } from '../series.ts';

export const volumeattachments: ResourceTable = {
  resource: { group: 'storage.k8s.io', version: 'v1', plural: 'volumeattachments', namespaced: false },
  isDefault: true,
  identify: clusterWide('volumeattachment'),
  families: [
    // All labels, whatever the list of allowed ones says, as in kube-state-metrics.
    experimental('kube_volumeattachment_labels', 'Kubernetes labels converted to Prometheus labels.', (attachment) =>
      info(seriesLabels('label', entries(attachment, 'metadata.labels'))),
    ),
    experimental('kube_volumeattachment_info', 'Information about volumeattachment.', (attachment) =>
      info({ attacher: text(attachment, 'spec.attacher'), node: text(attachment, 'spec.nodeName') }),
    ),
    created('kube_volumeattachment', false),
    experimental(
      'kube_volumeattachment_spec_source_persistentvolume',
      'PersistentVolume source reference.',
      (attachment) => {
        const volume = at(attachment, 'spec.source.persistentVolumeName');
        return volume === undefined ? [] : info({ volumename: text(volume) });
      },
    ),
    experimental(
      'kube_volumeattachment_status_attached',
      'Information about volumeattachment.',
      isTrue('status.attached'),
    ),
    experimental('kube_volumeattachment_status_attachment_metadata', 'volumeattachment metadata.', (attachment) =>
      info(seriesLabels('metadata', entries(attachment, 'status.attachmentMetadata'))),
    ),
  ],
};
