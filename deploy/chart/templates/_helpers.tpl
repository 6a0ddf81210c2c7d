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

{{- define "crowsnest.agentName" -}}
{{- printf "%s-agent" .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "crowsnest.agentSelector" -}}
app.kubernetes.io/name: crowsnest
app.kubernetes.io/component: agent
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "crowsnest.agentLabels" -}}
{{ include "crowsnest.agentSelector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* Not empty where an agent runs on every node: it needs a place to ship to. */}}
{{- define "crowsnest.runsAgent" -}}
{{- if and .Values.agent.enabled (or (dig "ship" "metrics" "" .Values.config) (dig "ship" "logs" "" .Values.config)) -}}yes{{- end -}}
{{- end -}}
