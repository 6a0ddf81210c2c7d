import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.Version;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.PluginInfo;

/** The engine in one process: OpenSearchNode PORT FOLDER [setting=value …]; SIGTERM stops it. */
public class OpenSearchNode extends Node {
  private static final List<Class<? extends Plugin>> MODULES =
      List.of(
          org.opensearch.transport.Netty4ModulePlugin.class,
          org.opensearch.index.mapper.MapperExtrasModulePlugin.class,
          org.opensearch.ingest.common.IngestCommonModulePlugin.class,
          org.opensearch.painless.PainlessModulePlugin.class,
          org.opensearch.index.reindex.ReindexModulePlugin.class);

  private OpenSearchNode(Environment environment) {
    super(environment, MODULES.stream().map(OpenSearchNode::describe).toList(), true);
  }

  private static PluginInfo describe(Class<? extends Plugin> module) {
    String name = module.getName();
    return new PluginInfo(name, "module", "NA", Version.CURRENT, "21", name, null, List.of(), false);
  }

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[1]).toAbsolutePath();
    Path config = Files.createDirectories(home.resolve("config"));
    Map<String, String> settings = new HashMap<>();
    settings.put("path.home", home.toString());
    settings.put("path.data", home.resolve("data").toString());
    settings.put("cluster.name", "test");
    settings.put("node.name", "n1");
    settings.put("discovery.type", "single-node");
    settings.put("http.host", "127.0.0.1");
    settings.put("http.port", args[0]);
    settings.put("transport.host", "127.0.0.1");
    settings.put("transport.port", "0");
    settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
    for (String setting : List.of(args).subList(2, args.length)) {
      String[] pair = setting.split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    LogConfigurator.configureWithoutConfig(Settings.EMPTY);
    Node node = new OpenSearchNode(InternalSettingsPreparer.prepareEnvironment(Settings.EMPTY, settings, config, () -> "n1"));
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node, stopped)));
    node.start();
    stopped.await();
  }

  private static void close(Node node, CountDownLatch stopped) {
    try {
      node.close();
    } catch (java.io.IOException e) {
      e.printStackTrace();
    }
    stopped.countDown();
  }
}
