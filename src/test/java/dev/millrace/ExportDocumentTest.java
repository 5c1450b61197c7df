package dev.millrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.batch.DatasetExport;
import dev.millrace.batch.DatasetKind;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.pcqm.PcqmBuilder;
import dev.millrace.pcqm.PcqmDataset;
import dev.millrace.pcqm.PcqmSample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code printed in docs/export.md does what the page says. */
class ExportDocumentTest {
    @TempDir
    Path folder;

    private Path database = Path.of("");

    @BeforeEach
    void build() throws IOException {
        database = folder.resolve("pcqm.db");
        Path csv = folder.resolve("pcqm.csv");
        new PcqmSample(30, 0, 7, 0, false).write(csv, done -> {});
        new PcqmBuilder().setCsv(csv).setDatabase(database).build();
    }

    /** The Java of the page, with its paths led into the folder. */
    private void export(Path file) throws IOException {
        try (PcqmDataset train = PcqmDataset.builder()
                .setDatabase(database)
                .optSplit(Split.TRAIN)
                .setSampling(512, true)
                .build()) {
            new DatasetExport(train).optLimit(10_000).npz(file);
        }
    }

    @Test
    void javaOfThePage_anyDatabase_writesAFileOfEachKind() throws IOException {
        export(folder.resolve("train.npz"));
        try (SqliteDataset<?> any = DatasetKind.openAny(database, Split.ALL, Map.of())) {
            new DatasetExport(any).optArrays(List.of("targets")).csv(folder.resolve("chi.csv"));
        }

        assertThat(folder.resolve("train.npz")).isNotEmptyFile();
        assertThat(Files.readAllLines(folder.resolve("chi.csv"))).hasSize(31);
        String page = Files.readString(Path.of("docs/export.md")).replaceAll("\\s+", " ");
        assertThat(page)
                .contains(".setSampling(512, true).build()) { new DatasetExport(train).optLimit(10_000).npz(")
                .contains("DatasetKind.openAny(Path.of(\"some.db\"), Split.ALL, Map.of())) { new"
                        + " DatasetExport(any).optArrays(List.of(\"chi\")).csv(");
    }

    @Test
    void pythonOfThePage_withoutNumpy_readsEveryArray() throws Exception {
        assumeTrue(runs("--version"), "python3 is not here");
        export(folder.resolve("train.npz"));

        assertThat(run(python().get(1) + """
                a = read_npz("train.npz")
                print(sorted(a), a["ids"][0], a["node_offsets"][1][0], a["node_feat"][0][1], a["targets"][1][:1])
                n, e = a["node_offsets"][1], a["edge_offsets"][1]
                ends, count = a["edge_index"][1], e[-1]
                print(all(n[i] <= min(ends[e[i]:e[i + 1]]) and max(ends[count + e[i]:count + e[i + 1]]) < n[i + 1]
                          for i in range(24) if e[i] < e[i + 1]), n[-1] == a["node_feat"][0][0], len(ends) == 2 * count)
                """))
                .containsExactly(
                        "['edge_feat', 'edge_index', 'edge_offsets', 'ids', 'node_feat', 'node_offsets', 'targets'] (24,) 0 9"
                                + " array('f', [" + gap() + "])",
                        "True True True");
    }

    @Test
    void pythonOfThePage_withNumpy_givesTheGraphsOfSamples() throws Exception {
        assumeTrue(runs("-c", "import numpy"), "python3 with numpy is not here");
        export(folder.resolve("train.npz"));

        assertThat(run(python().get(0) + """
                nodes, edges, bonds = graph(5)
                print(nodes.shape[1], bonds.shape[1], edges.shape[1] == len(bonds), edges.min(), edges.max() < len(nodes))
                print(nodes.dtype, data["targets"].dtype, len(graph_of) == len(data["node_feat"]), (graph_of == 5).sum() == len(nodes))
                """)).containsExactly("9 3 True 0 True", "int64 float32 True True");
    }

    /** As Python prints the nearest float64 of a float32. */
    private String gap() {
        try (PcqmDataset train = PcqmDataset.builder()
                        .setDatabase(database)
                        .optSplit(Split.TRAIN)
                        .setSampling(1, false)
                        .build();
                ai.djl.ndarray.NDManager manager = ai.djl.ndarray.NDManager.newBaseManager()) {
            return String.valueOf(
                    (double) train.get(manager, 0).getLabels().get(0).toFloatArray()[0]);
        }
    }

    /** The blocks of Python of the page. */
    private static List<String> python() throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher each = Pattern.compile("(?s)```python\n(.*?)```").matcher(Files.readString(Path.of("docs/export.md")));
        while (each.find()) {
            blocks.add(each.group(1));
        }
        return blocks;
    }

    private static boolean runs(String... arguments) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command(arguments))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private List<String> run(String script) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("script.py"), script);
        Process process = new ProcessBuilder(command("script.py"))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        process.waitFor();
        return lines;
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3"));
        command.addAll(List.of(arguments));
        return command;
    }
}
