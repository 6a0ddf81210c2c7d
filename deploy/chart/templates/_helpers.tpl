{{- define "crowsnest.name" -}}
{{- printf "%s-cluster" .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "crowsnest.selector" -}}
app.kubernetes.io/name: crowsnest
app.kubernetes.io/component: cluster
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "crowsnest.labels" -}}
{{ include "crowsnest.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
