import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard, DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { asFile, choice, dashboard, panel } from './panel.ts';

const HERE = 'job="node-exporter", instance="$instance"';

/** One machine at a glance: processors, memory, disks, network, pressure. */
export function nodeDashboard(): Dashboard {
  return asFile(build());
}

function build(): DashboardBuilder {
  return dashboard('Node', 'node', 'One machine at a glance', 1)
    .withVariable(choice('instance', 'Machine', 'label_values(node_uname_info, instance)'))
    .withRow(new RowBuilder('Processors and memory'))
    .withPanel(
      panel('Processors in use', 'percentunit', [
        `sum by (mode) (rate(node_cpu_seconds_total{${HERE}, mode!="idle"}[$__rate_interval])) / on () group_left () count(node_cpu_seconds_total{${HERE}, mode="idle"})`,
        '{{mode}}',
      ]),
    )
    .withPanel(
      panel(
        'Load by processor',
        'short',
        [`node_load1{${HERE}} / on () group_left () count(node_cpu_seconds_total{${HERE}, mode="idle"})`, '1 min'],
        [`node_load15{${HERE}} / on () group_left () count(node_cpu_seconds_total{${HERE}, mode="idle"})`, '15 min'],
      ),
    )
    .withPanel(
      panel(
        'Memory',
        'bytes',
        [`node_memory_MemTotal_bytes{${HERE}} - node_memory_MemAvailable_bytes{${HERE}}`, 'in use'],
        [`node_memory_MemTotal_bytes{${HERE}}`, 'there is'],
      ),
    )
    .withPanel(
      panel(
        'Waiting for a resource',
        'percentunit',
        [`rate(node_pressure_cpu_waiting_seconds_total{${HERE}}[$__rate_interval])`, 'processor'],
        [`rate(node_pressure_memory_waiting_seconds_total{${HERE}}[$__rate_interval])`, 'memory'],
        [`rate(node_pressure_io_waiting_seconds_total{${HERE}}[$__rate_interval])`, 'disk'],
      ),
    )
    .withRow(new RowBuilder('Disks'))
    .withPanel(
      panel('File systems in use', 'percentunit', [
        `1 - node_filesystem_avail_bytes{${HERE}, fstype!=""} / node_filesystem_size_bytes{${HERE}, fstype!=""}`,
        '{{mountpoint}}',
      ]),
    )
    .withPanel(
      panel(
        'Disk throughput',
        'Bps',
        [`rate(node_disk_read_bytes_total{${HERE}}[$__rate_interval])`, '{{device}} read'],
        [`-rate(node_disk_written_bytes_total{${HERE}}[$__rate_interval])`, '{{device}} written'],
      ),
    )
    .withPanel(
      panel('Disks busy', 'percentunit', [
        `rate(node_disk_io_time_seconds_total{${HERE}}[$__rate_interval])`,
        '{{device}}',
      ]),
    )
    .withRow(new RowBuilder('Network'))
    .withPanel(
      panel(
        'Traffic',
        'Bps',
        [`rate(node_network_receive_bytes_total{${HERE}, device!="lo"}[$__rate_interval])`, '{{device}} in'],
        [`-rate(node_network_transmit_bytes_total{${HERE}, device!="lo"}[$__rate_interval])`, '{{device}} out'],
      ),
    )
    .withPanel(
      panel(
        'Errors and drops',
        'pps',
        [
          `rate(node_network_receive_errs_total{${HERE}}[$__rate_interval]) + rate(node_network_receive_drop_total{${HERE}}[$__rate_interval])`,
          '{{device}} in',
        ],
        [
          `rate(node_network_transmit_errs_total{${HERE}}[$__rate_interval]) + rate(node_network_transmit_drop_total{${HERE}}[$__rate_interval])`,
          '{{device}} out',
        ],
      ),
    );
}
