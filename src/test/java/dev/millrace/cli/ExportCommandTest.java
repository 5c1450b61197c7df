package dev.millrace.cli;

import static dev.millrace.cli.Shell.millrace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import dev.millrace.batch.DatasetExport;
import dev.millrace.batch.DatasetKind;
import dev.millrace.batch.ExportRefusedException;
import dev.millrace.batch.NpzReader;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.build.BuildProgress;
import dev.millrace.exafs.ExafsBuilder;
import dev.millrace.exafs.ExafsSample;
import dev.millrace.genome.WindowDataset;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.PersistMode;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.pcqm.PcqmBuilder;
import dev.millrace.pcqm.PcqmLayout;
import dev.millrace.pcqm.PcqmSample;
import dev.millrace.spectra.SpectraBuilder;
import dev.millrace.spectra.SpectraSample;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace export}, as a user types it, on every kind of database. */
final class ExportCommandTest {
    @TempDir
    static Path sources;

    @TempDir
    Path folder;

    @BeforeAll
    static void build() throws Exception {
        SpectraSample.write(sources.resolve("spectra"), 20, 3, BuildProgress.NONE);
        new SpectraBuilder()
                .setMsp(sources.resolve("spectra/spectra.msp"))
                .setMolFolder(sources.resolve("spectra/mol"))
                .setDatabase(sources.resolve("spectra.db"))
                .build();
        Path csv = sources.resolve("pcqm.csv.gz");
        new PcqmSample(40, 0, 7, 0.2, false).write(csv, done -> {});
        for (PcqmLayout layout : PcqmLayout.values()) {
            new PcqmBuilder()
                    .setCsv(csv)
                    .setDatabase(sources.resolve(layout == PcqmLayout.ROWS ? "rows.db" : "blocks.db"))
                    .optLayout(layout)
                    .build();
        }
        new ExafsSample(2, 2, 12, 5).write(sources.resolve("tree"), 2, BuildProgress.NONE);
        new ExafsBuilder()
                .setTree(sources.resolve("tree"))
                .setDatabase(sources.resolve("chi.db"))
                .build();
        Path fasta = sources.resolve("genomes.fa");
        Path store = sources.resolve("genomes.db");
        assertThat(millrace("sample", "genome", "--contigs", 6, "--length", 700, "--out", fasta, "-q")
                        .code())
                .isZero();
        assertThat(millrace("genome", "import", "--fasta", fasta, "--out", store, "-q")
                        .code())
                .isZero();
        assertThat(millrace("genome", "precompute", store, "--window-size", 64, "--stride", 50, "-q")
                        .code())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "spectra.db, train, ''",
        "spectra.db, all, ''",
        "rows.db, all, ''",
        "rows.db, val, unlabelled=false",
        "blocks.db, train, adapter=pad",
        "chi.db, all, kweight=2",
        "chi.db, all, view=graph",
        "chi.db, train, view=first-shell float64=true",
        "genomes.db, all, ''",
        "genomes.db, all, int32=true"
    })
    void export_npz_hasTheArraysOfTheBatchesBitForBit(String database, String split, String chosen) throws Exception {
        Path file = folder.resolve("out.npz");
        List<Object> words =
                words("export", sources.resolve(database), "--split", split, "--out", file, "--batch-size", 9);
        Map<String, String> choices = new java.util.HashMap<>();
        for (String choice : chosen.isEmpty() ? new String[0] : chosen.split(" ", -1)) {
            words.addAll(List.of("--set", choice));
            int sign = choice.indexOf('=');
            choices.put(choice.substring(0, sign), choice.substring(sign + 1));
        }

        Shell shell = millrace(words.toArray());

        assertThat(shell.error()).doesNotContain("error");
        assertThat(shell.code()).isZero();
        Map<String, NpzReader.Array> found = NpzReader.read(file);
        try (SqliteDataset<?> dataset = DatasetKind.openAny(sources.resolve(database), Split.parse(split), choices)) {
            assertThat(dataset.size()).isPositive();
            assertThat(found.get("ids").longs()).hasSize((int) dataset.size());
            for (int i = 0; i < dataset.size(); i++) {
                assertThat(found.get("ids").longs()[i]).isEqualTo(dataset.id(i));
            }
            compare(dataset, found);
        }
    }

    /** Walks over the batches of the dataset and over the rows of the arrays. */
    private static void compare(SqliteDataset<?> dataset, Map<String, NpzReader.Array> found) throws Exception {
        long samples = 0;
        long nodes = 0;
        long edges = 0;
        int arrays = 0;
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Batch batch : dataset.getData(manager)) {
                boolean graphs = found.containsKey("node_feat");
                List<NDArray> own = new ArrayList<>(graphs ? List.of() : batch.getData());
                own.addAll(batch.getLabels());
                arrays = own.size() + (graphs ? 5 : 0);
                for (NDArray array : own) {
                    NpzReader.Array rows = found.get(array.getName());
                    assertThat(rows.rows(samples, samples + batch.getSize()))
                            .as(array.getName())
                            .isEqualTo(bytes(array));
                    assertThat(rows.type())
                            .endsWith(Integer.toString(array.getDataType().getNumOfBytes()));
                    assertThat(rows.shape().subList(1, rows.shape().size()))
                            .containsExactlyElementsOf(java.util.Arrays.stream(
                                            array.getShape().slice(1).getShape())
                                    .boxed()
                                    .toList());
                }
                if (graphs) {
                    long[] nodeOffsets = found.get("node_offsets").longs();
                    long[] counts = batch.getData().get(4).toLongArray();
                    for (int i = 0; i < counts.length; i++) {
                        assertThat(nodeOffsets[(int) samples + i + 1] - nodeOffsets[(int) samples + i])
                                .isEqualTo(counts[i]);
                    }
                    NDArray nodeFeatures = batch.getData().get(0);
                    NDArray ends = batch.getData().get(1);
                    NDArray edgeFeatures = batch.getData().get(2);
                    long nodeCount = nodeFeatures.getShape().get(0);
                    long edgeCount = ends.getShape().get(1);
                    assertThat(found.get("node_feat").rows(nodes, nodes + nodeCount))
                            .isEqualTo(bytes(nodeFeatures));
                    assertThat(found.get("edge_feat").rows(edges, edges + edgeCount))
                            .isEqualTo(bytes(edgeFeatures));
                    long[] all = found.get("edge_index").longs();
                    long[] expected = ends.toLongArray();
                    for (int edge = 0; edge < edgeCount; edge++) {
                        int place = (int) edges + edge;
                        assertThat(all[place] - nodes).isEqualTo(expected[edge]);
                        assertThat(all[all.length / 2 + place] - nodes).isEqualTo(expected[(int) edgeCount + edge]);
                    }
                    nodes += nodeCount;
                    edges += edgeCount;
                    assertThat(nodeOffsets[(int) samples + batch.getSize()]).isEqualTo(nodes);
                    assertThat(found.get("edge_offsets").longs()[(int) samples + batch.getSize()])
                            .isEqualTo(edges);
                }
                samples += batch.getSize();
                batch.close();
            }
        }
        assertThat(samples).isEqualTo(dataset.size());
        assertThat(found).hasSize(arrays + 1);
    }

    private static byte[] bytes(NDArray array) {
        ByteBuffer buffer = array.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN);
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @Test
    void export_arraysThatAreOneRowSeenOften_areWrittenInFull() throws IOException {
        Path file = folder.resolve("views.npz");
        try (WindowDataset dataset = windows().optAttentionMask(true).build()) {
            new DatasetExport(dataset).optBatchSize(5).optLimit(12).npz(file);
        }

        Map<String, NpzReader.Array> found = NpzReader.read(file);
        assertThat(found.get("position_ids").longs())
                .isEqualTo(java.util.stream.LongStream.range(0, 12 * 64)
                        .map(i -> i % 64)
                        .toArray());
        assertThat(found.get("attention_mask").shape()).containsExactly(12L, 1L, 64L, 64L);
        byte[] mask = found.get("attention_mask").bytes();
        for (int i = 0; i < mask.length; i++) {
            assertThat(mask[i]).isEqualTo((byte) (i % 64 > i / 64 % 64 ? 1 : 0));
        }
    }

    @Test
    void export_packedWindows_areRefused() {
        Path file = folder.resolve("packed.npz");
        try (WindowDataset dataset = windows().optPacking(true).build()) {
            assertThatThrownBy(() -> new DatasetExport(dataset).npz(file))
                    .isInstanceOf(ExportRefusedException.class)
                    .hasMessageContaining("without packing");
        }
        assertThat(file).doesNotExist();
    }

    private static WindowDataset.Builder windows() {
        return WindowDataset.builder()
                .setSequences(sources.resolve("genomes.db"))
                .optWindowSize(64)
                .optStride(0)
                .optMinLength(-1)
                .setSampling(4, false);
    }

    @Test
    void export_bothLayoutsOfPcqm_areTheSameFile() throws IOException {
        export("rows.db", "rows.npz", "--split", "train");
        export("blocks.db", "blocks.npz", "--split", "train");

        assertThat(folder.resolve("blocks.npz")).hasSameBinaryContentAs(folder.resolve("rows.npz"));
    }

    @ParameterizedTest
    @CsvSource({
        "spectra.db, x=y",
        "rows.db, adapter=pad",
        "chi.db, view=paths",
        "chi.db, view=graph",
        "genomes.db, int32=true"
    })
    void export_noSamples_goesTogetherWithSome(String database, String choice) throws IOException {
        String[] set = choice.equals("x=y") ? new String[0] : new String[] {"--set", choice};
        export(database, "some.npz", set);
        export(
                database,
                "none.npz",
                java.util.stream.Stream.concat(java.util.Arrays.stream(set), java.util.stream.Stream.of("--limit", "0"))
                        .toArray(String[]::new));

        Map<String, NpzReader.Array> some = NpzReader.read(folder.resolve("some.npz"));
        Map<String, NpzReader.Array> none = NpzReader.read(folder.resolve("none.npz"));
        assertThat(none.keySet()).isEqualTo(some.keySet());
        none.forEach((name, array) -> {
            int grows = name.equals("edge_index") ? 1 : 0;
            List<Long> expected = new ArrayList<>(some.get(name).shape());
            expected.set(grows, name.endsWith("_offsets") ? 1L : 0L);
            assertThat(array.shape()).as(name).isEqualTo(expected);
            assertThat(array.type()).as(name).isEqualTo(some.get(name).type());
        });
    }

    @Test
    void export_emptySplit_makesAFileOfNoSamples() throws IOException {
        Path database = folder.resolve("whole.db");
        new SpectraBuilder()
                .setMsp(sources.resolve("spectra/spectra.msp"))
                .setMolFolder(sources.resolve("spectra/mol"))
                .setDatabase(database)
                .optSplitRatios(new dev.millrace.build.SplitRatios(1, 0, 0))
                .build();

        Shell shell = millrace("export", database, "--split", "val", "--out", folder.resolve("val.npz"), "--json");

        assertThat(shell.code()).as(shell.error()).isZero();
        JsonNode summary = JsonMapper.shared().readTree(shell.out());
        assertThat(summary.get("samples").intValue()).isZero();
        assertThat(summary.get("bytes").longValue()).isEqualTo(Files.size(folder.resolve("val.npz")));
        assertThat(summary.get("arrays").get(1).toString())
                .isEqualTo("{\"name\":\"spectrum\",\"type\":\"float32\",\"shape\":[0,1000]}");
    }

    @Test
    void export_csv_isTheSameInAFileAndOnStandardOutput() throws IOException {
        export("rows.db", "gaps.csv", "--arrays", "targets", "--limit", "5");
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        StringWriter error = new StringWriter();
        int code = Main.run(
                new BytePrinter(stream),
                new PrintWriter(error, true),
                "export",
                sources.resolve("rows.db").toString(),
                "--arrays",
                "targets",
                "--limit",
                "5",
                "--out",
                "-");

        assertThat(code).as(error.toString()).isZero();
        assertThat(folder.resolve("gaps.csv")).hasContent(stream.toString(StandardCharsets.UTF_8));
        assertThat(Files.readAllLines(folder.resolve("gaps.csv"))).hasSize(6).startsWith("id,targets");
    }

    @Test
    void export_queryFile_hasItsSlotsByName() throws IOException {
        Path database = folder.resolve("housing.db");
        try (Database open = Database.open(database, Access.BUILD)) {
            open.execute(
                    "CREATE TABLE house (id INTEGER PRIMARY KEY, rooms INTEGER, price REAL)",
                    "INSERT INTO house (id, rooms, price) VALUES (3, 2, 9.5), (8, 4, 12.25)");
        }
        Path query = Files.writeString(folder.resolve("query.yaml"), """
                database: '%s'
                ids: SELECT id FROM house ORDER BY id
                rows: SELECT position, rooms, price FROM batch_ids JOIN house USING (id)
                data:
                  - {name: rooms, columns: rooms, type: int64}
                labels:
                  - {name: price, columns: price, type: float64}
                """.formatted(database));
        Path file = folder.resolve("houses.csv");

        assertThat(millrace("export", query, "--out", file, "-q").code()).isZero();
        assertThat(Files.readAllLines(file)).containsExactly("id,rooms,price", "3,2,9.5", "8,4,12.25");
        assertThat(millrace("export", query, "--out", database, "--format", "csv", "--force"))
                .isEqualTo(new Shell(
                        2,
                        "",
                        "error: Expected two files, found one for two purposes: " + database
                                + " would be overwritten. Choose another name.\n"));
        assertThat(millrace("export", query, "--split", "train", "--out", "x.csv")
                        .error())
                .startsWith("error: --split: expected no such option for a query file");
        assertThat(millrace("export", database, "--out", folder.resolve("x.csv")))
                .satisfies(shell -> assertThat(shell.code()).isEqualTo(4))
                .satisfies(shell -> assertThat(shell.error()).contains("by a query file: docs/export.md"));
    }

    @Test
    void export_fileThatIsThere_isReplacedByForceOnly() throws IOException {
        Path file = Files.writeString(folder.resolve("old.npz"), "old");

        Shell refused = millrace("export", sources.resolve("rows.db"), "--out", file);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.error())
                .isEqualTo("error: --out: expected the name of a new file, found " + file
                        + ". Replace it with --force.\n");
        assertThat(file).hasContent("old");

        export("rows.db", "old.npz", "--force");
        assertThat(NpzReader.read(file)).containsKey("targets");
    }

    @Test
    void export_whatCannotBe_isRefusedInOneLine() throws IOException {
        Path kv = folder.resolve("kv.db");
        KvStore.builder().setFile(kv).optPersistMode(PersistMode.LAZY).build().close();
        Path metrics = folder.resolve("metrics.db");
        MetricsStore.open(metrics).close();

        assertRefused("Use 'millrace kv export'.", kv, "--out", folder.resolve("a.npz"));
        assertRefused("Use 'millrace metrics export'.", metrics, "--out", folder.resolve("a.npz"));
        assertRefused(
                "Cannot choose so: view: expected paths, graph or first-shell, found 'x'; zoo: unknown, expected one of view",
                sources.resolve("chi.db"),
                "--set",
                "view=x",
                "--set",
                "zoo=1",
                "--out",
                folder.resolve("a.npz"));
        assertRefused(
                "--out: expected a name that ends in .npz, .csv or .csv.gz",
                sources.resolve("rows.db"),
                "--out",
                folder.resolve("a.parquet"));
        assertRefused(
                "--format npz: expected --out with a file",
                sources.resolve("rows.db"),
                "--out",
                "-",
                "--format",
                "npz");
        assertRefused("Write NPZ, or leave them out", sources.resolve("rows.db"), "--out", folder.resolve("a.csv"));
        assertRefused("Unknown split", sources.resolve("rows.db"), "--split", "tain", "--out", folder.resolve("a.csv"));
        assertThat(folder.resolve("a.npz")).doesNotExist();
        assertThat(folder.resolve("a.csv")).doesNotExist();
    }

    private static void assertRefused(String reason, Object... args) {
        Shell shell = millrace(words("export", args).toArray());
        assertThat(shell.code()).as(shell.error()).isEqualTo(2);
        assertThat(shell.errorLines()).hasSize(1);
        assertThat(shell.error()).contains(reason);
    }

    private void export(String database, String file, String... options) {
        List<Object> words = words("export", sources.resolve(database), "--out", folder.resolve(file), "-q");
        words.addAll(List.of(options));
        Shell shell = millrace(words.toArray());
        assertThat(shell.code()).as(shell.error()).isZero();
    }

    private static List<Object> words(Object first, Object... others) {
        List<Object> words = new ArrayList<>(List.of(first));
        words.addAll(List.of(others));
        return words;
    }
}
