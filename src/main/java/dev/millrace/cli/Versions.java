package dev.millrace.cli;

import dev.millrace.monitor.GpuNames;
import dev.millrace.sqlite.SqliteLibrary;
import dev.millrace.training.EngineBuild;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What runs here, for {@code --version}: found without loading the engine, so that it is quick and tells of a machine on which the
 * engine cannot be loaded too.
 */
final class Versions {
    private static final List<String> NAMES = List.of("millrace", "DJL", "PyTorch", "SQLite", "Java", "device");

    private Versions() {}

    /** One line each. */
    static List<String> lines() {
        Map<String, String> facts = facts();
        return NAMES.stream().map(name -> name + " " + facts.get(name)).toList();
    }

    /** The same for a program, with keys in lower case. */
    static Map<String, String> json() {
        Map<String, String> json = new LinkedHashMap<>();
        facts().forEach((name, value) -> json.put(name.toLowerCase(java.util.Locale.ROOT), value));
        return json;
    }

    private static Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        @Nullable String own = Versions.class.getPackage().getImplementationVersion();
        facts.put("millrace", own == null ? "(not from a jar)" : own);
        @Nullable EngineBuild engine;
        String trouble = "";
        try {
            engine = EngineBuild.detect();
        } catch (RuntimeException | LinkageError e) {
            engine = null;
            trouble = "not available: " + Main.explain(e);
        }
        EngineBuild found = engine;
        facts.put("DJL", said(ai.djl.engine.Engine::getDjlVersion));
        facts.put(
                "PyTorch",
                found == null ? trouble : found.pytorch() + " (" + found.flavor() + ", " + found.origin() + ")");
        facts.put("SQLite", said(SqliteLibrary::version));
        facts.put(
                "Java",
                "%s (%s, %s %s)"
                        .formatted(
                                Runtime.version(),
                                System.getProperty("java.vendor"),
                                System.getProperty("os.name"),
                                System.getProperty("os.arch")));
        facts.put("device", said(() -> device(found)));
        return facts;
    }

    private static String device(@Nullable EngineBuild engine) {
        List<String> names = GpuNames.ofThisMachine();
        List<String> gpus = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            gpus.add("gpu:" + i + " " + names.get(i));
        }
        String all = String.join(", ", gpus);
        if (engine != null && engine.hasCuda() && !gpus.isEmpty()) {
            return all;
        }
        String cpu = "cpu, " + Runtime.getRuntime().availableProcessors() + " processors";
        return gpus.isEmpty() ? cpu : cpu + "; not used, as this PyTorch is for the CPU: " + all + " (docs/gpu.md)";
    }

    private static String said(Supplier<String> fact) {
        try {
            return Objects.requireNonNullElse(fact.get(), "unknown");
        } catch (RuntimeException | LinkageError e) {
            return "not available: " + Main.explain(e);
        }
    }
}
