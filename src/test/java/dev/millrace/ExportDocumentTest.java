package dev.millrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.batch.DatasetExport;
import dev.millrace.batch.DatasetKind;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.docs.Page;
import dev.millrace.docs.Python;
import dev.millrace.pcqm.PcqmBuilder;
import dev.millrace.pcqm.PcqmDataset;
import dev.millrace.pcqm.PcqmSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code printed in docs/export.md does what the page says. */
class ExportDocumentTest {
    private static final Page PAGE = Page.of("docs/export.md");

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

    private void export(Path npz) throws IOException {
        // @start region="export"
        try (PcqmDataset train = PcqmDataset.builder()
                .setDatabase(database)
                .optSplit(Split.TRAIN)
                .setSampling(512, true)
                .build()) {
            new DatasetExport(train).optLimit(10_000).npz(npz);
        }
        // @end
    }

    @Test
    void javaOfThePage_anyDatabase_writesAFileOfEachKind() throws IOException {
        Path npz = folder.resolve("train.npz");
        export(npz);
        Path csv = folder.resolve("gaps.csv");
        // @start region="export-any"
        try (SqliteDataset<?> any = DatasetKind.openAny(database, Split.ALL, Map.of())) {
            new DatasetExport(any).optArrays(List.of("targets")).csv(csv);
        }
        // @end

        assertThat(npz).isNotEmptyFile();
        assertThat(Files.readAllLines(csv)).hasSize(31);
    }

    @Test
    void pythonOfThePage_withoutNumpy_readsEveryArray() throws Exception {
        assumeTrue(Python.isHere(), "python3 is not here");
        export(folder.resolve("train.npz"));

        assertThat(Python.run(folder, PAGE.blocks("python").get(1).text() + """
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
        assumeTrue(Python.has("numpy"), "python3 with numpy is not here");
        export(folder.resolve("train.npz"));

        assertThat(Python.run(folder, PAGE.blocks("python").get(0).text() + """
                nodes, edges, bonds = graph(5)
                print(nodes.shape[1], bonds.shape[1], edges.shape[1] == len(bonds), edges.min(), edges.max() < len(nodes))
                print(nodes.dtype, data["targets"].dtype, len(graph_of) == len(data["node_feat"]), (graph_of == 5).sum() == len(nodes))
                """))
                .containsExactly("9 3 True 0 True", "int64 float32 True True");
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
}
