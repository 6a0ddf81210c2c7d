import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.elasticsearch.Build;
import org.elasticsearch.action.admin.cluster.state.ClusterStateRequest;
import org.elasticsearch.action.admin.cluster.state.ClusterStateResponse;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.ProjectId;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.Index;
import org.elasticsearch.index.IndexNotFoundException;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.rest.action.RestBuilderListener;
import org.elasticsearch.xcontent.XContentBuilder;

/** The archive for integration tests lacks the front page and the list of data streams; clients ask for both. */
public class EsShim extends Plugin implements ActionPlugin {
  @Override
  public Collection<RestHandler> getRestHandlers(
      RestHandlersServices services, Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> features) {
    return List.of(new FrontPage(), new DataStreams());
  }

  private static class FrontPage extends BaseRestHandler {
    @Override
    public String getName() {
      return "shim_front_page";
    }

    @Override
    public List<Route> routes() {
      return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
    }

    @Override
    protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
      return channel -> {
        Build build = Build.current();
        XContentBuilder page = channel.newBuilder().startObject();
        page.field("name", "n1").field("cluster_name", "elasticsearch").field("tagline", "You Know, for Search");
        page.startObject("version").field("number", build.qualifiedVersion()).field("build_flavor", build.flavor());
        page.endObject().endObject();
        channel.sendResponse(new RestResponse(RestStatus.OK, page));
      };
    }
  }

  private static class DataStreams extends BaseRestHandler {
    @Override
    public String getName() {
      return "shim_data_streams";
    }

    @Override
    public List<Route> routes() {
      return List.of(
          new Route(RestRequest.Method.GET, "/_data_stream"), new Route(RestRequest.Method.GET, "/_data_stream/{name}"));
    }

    @Override
    protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
      String wanted = request.param("name", "*");
      ClusterStateRequest state = new ClusterStateRequest(TimeValue.timeValueSeconds(30)).clear().metadata(true);
      return channel ->
          client.admin().cluster().state(state, new RestBuilderListener<>(channel) {
            @Override
            public RestResponse buildResponse(ClusterStateResponse answer, XContentBuilder out) throws Exception {
              Map<String, DataStream> all = answer.getState().metadata().getProject(ProjectId.DEFAULT).dataStreams();
              List<DataStream> hits =
                  all.values().stream().filter(s -> Regex.simpleMatch(wanted.split(","), s.getName())).toList();
              if (hits.isEmpty() && !wanted.contains("*")) throw new IndexNotFoundException(wanted);
              out.startObject().startArray("data_streams");
              for (DataStream stream : hits) write(stream, out);
              out.endArray().endObject();
              return new RestResponse(RestStatus.OK, out);
            }
          });
    }

    private static void write(DataStream stream, XContentBuilder out) throws java.io.IOException {
      out.startObject().field("name", stream.getName());
      out.startObject("timestamp_field").field("name", "@timestamp").endObject();
      out.startArray("indices");
      for (Index index : stream.getIndices()) {
        out.startObject().field("index_name", index.getName()).field("index_uuid", index.getUUID()).endObject();
      }
      out.endArray().field("generation", stream.getGeneration()).endObject();
    }
  }
}
