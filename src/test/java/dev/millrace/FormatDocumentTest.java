package dev.millrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.batch.Split;
import dev.millrace.build.BuildProgress;
import dev.millrace.docs.Page;
import dev.millrace.docs.Python;
import dev.millrace.exafs.ExafsBuilder;
import dev.millrace.exafs.ExafsSample;
import dev.millrace.genome.GenomeStoreWriter;
import dev.millrace.kv.Codecs;
import dev.millrace.kv.KvStore;
import dev.millrace.metrics.ImportReport;
import dev.millrace.metrics.MetricsImport;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunEvent;
import dev.millrace.metrics.RunStatus;
import dev.millrace.spectra.SpectraBuilder;
import dev.millrace.spectra.SpectraSample;
import dev.millrace.spectra.SpectrumDataset;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowBlock;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python reader printed in docs/format.md reads what Millrace writes. */
class FormatDocumentTest {
    @TempDir
    Path folder;

    @Test
    void pythonReader_blobsOfEveryKind_readsShapeAndValues() throws Exception {
        assumeTrue(Python.isHere(), "python3 is not here");
        float[] repeating = new float[1000];
        for (int i = 0; i < repeating.length; i++) {
            repeating[i] = i % 400 < 20 ? i : 7;
        }
        List<TensorBlob> blobs = List.of(
                TensorCodec.ofUnsignedBytes(new byte[] {1, (byte) 200, 3, 4, 5, 6}, 3, 2),
                TensorCodec.ofIndices(new int[] {0, 70_000}, 2),
                TensorCodec.ofIndices(new int[300], 2, 150),
                TensorCodec.ofFloats(new float[] {0.5f, -2}, Compression.NONE, 2, 1),
                TensorCodec.ofDoubles(new double[] {1e-300}, Compression.NONE),
                TensorCodec.ofFloats(repeating, Compression.LZ4, 1000),
                TensorCodec.ofIndices(new int[0], 2, 0));
        StringBuilder script = new StringBuilder(readers());
        for (TensorBlob blob : blobs) {
            script.append("s, v = read_tensor(bytes.fromhex('")
                    .append(HexFormat.of().formatHex(blob.toBytes()))
                    .append("')); print(s, len(v), list(v)[:3], *[sum(v)] * (len(v) == 1000))\n");
        }

        assertThat(run(script.toString()))
                .containsExactly(
                        "[3, 2] 6 [1, 200, 3]",
                        "[2] 2 [0, 70000]",
                        "[2, 150] 300 [0, 0, 0]",
                        "[2, 1] 2 [0.5, -2.0]",
                        "[] 1 [1e-300]",
                        "[1000] 1000 [0.0, 1.0, 2.0] 31150.0",
                        "[2, 0] 0 []");
    }

    @Test
    void pythonReader_blockOfRows_readsEveryGraphAndItsChecksum() throws Exception {
        assumeTrue(Python.isHere(), "python3 is not here");
        CheckedTable table = new CheckedTable("graph_structures", "idx", List.of("a", "b"));
        byte[] codes = TensorCodec.ofUnsignedBytes(new byte[300], 100, 3).toBytes();
        byte[] gap =
                TensorCodec.ofFloats(new float[] {5.25f}, Compression.NONE, 1).toBytes();
        RowBlock block = new RowBlock(table);
        block.add(7, codes, gap);
        block.add(9, codes, null);
        RowDigest digest = new RowDigest(table);

        List<String> lines = run(readers() + "for row, crc in read_block(bytes.fromhex('"
                + HexFormat.of().formatHex(block.take()) + "'), 2): print(row[0][0], row[1] and row[1][1][0], crc)\n");

        assertThat(lines)
                .containsExactly(
                        "[100, 3] 5.25 " + digest.of(7, codes, gap), "[100, 3] None " + digest.of(9, codes, null));
    }

    @Test
    void pythonWriter_spoolOfAWorker_isImportedWhole() throws Exception {
        assumeTrue(Python.isHere(), "python3 is not here");
        Path file = folder.resolve("metrics.db");
        Path spool = folder.resolve("metrics.db.spool");
        String run = "00000000-0000-4000-8000-000000000001";
        List<String> printed = run(readers() + """
                w = SpoolWriter("%s", "%s")
                for step in range(2000): w.log(step, "verlust ∞", step / 2)
                w.log(2000, "loss", float("nan")); w.event("info", "fertig ✓"); w.finish(); w.close()
                """.formatted(spool, run));
        assertThat(printed).isEmpty();

        ImportReport report = MetricsImport.run(spool, file);

        assertThat(report).isEqualTo(new ImportReport(1, 2_003, 0, 0, 0, true));
        assertThat(MetricsImport.run(spool, file).records()).isZero();
        try (MetricsReader reader = MetricsReader.open(file)) {
            assertThat(reader.run(1).uuid()).hasToString(run);
            assertThat(reader.run(1).name()).isEqualTo("python");
            assertThat(reader.run(1).status()).isEqualTo(RunStatus.FINISHED);
            assertThat(reader.series(1, "verlust ∞").steps()).hasSize(2_000).isSorted();
            assertThat(reader.series(1, "verlust ∞").values()[1_999]).isEqualTo(999.5);
            assertThat(reader.series(1, "loss").values()).containsExactly(Double.NaN);
            assertThat(reader.events(1)).extracting(RunEvent::text).containsExactly("fertig ✓");
        }
    }

    @Test
    void pythonReader_genomeStore_readsBasesAcrossChunks() throws Exception {
        assumeTrue(Python.isHere(), "python3 is not here");
        Path file = folder.resolve("genomes.db");
        byte[] bases = new byte[40_000];
        for (int i = 0; i < bases.length; i++) {
            bases[i] = (byte) "ACGT".charAt(((i >> 3) ^ i) & 3);
        }
        try (GenomeStoreWriter store = GenomeStoreWriter.begin(file)) {
            store.add("a", "S", new byte[] {'G'});
            store.add("b", "S", bases);
            store.publish();
        }

        List<String> lines = run(readers() + """
                import sqlite3, hashlib
                c = sqlite3.connect("%s")
                print(read_bases(c, "a", 0, 9), read_bases(c, "b", 40000, 5))
                print(read_bases(c, "b", 16380, 8), hashlib.sha256(read_bases(c, "b", 0, 99999)).hexdigest())
                print(c.execute("SELECT hex(sha256) FROM contigs WHERE contig_id = 'b'").fetchone()[0].lower())
                """.formatted(file));

        String sha = HexFormat.of()
                .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(bases));
        String middle = new String(bases, 16_380, 8, java.nio.charset.StandardCharsets.US_ASCII);
        assertThat(lines).containsExactly("b'G' b''", "b'" + middle + "' " + sha, sha);
    }

    @Test
    void pythonReader_spectraDatabase_readsWhatTrainingReads() throws Exception {
        assumeTrue(Python.isHere(), "python3 is not here");
        Path file = folder.resolve("spectra.db");
        SpectraSample.write(folder, 30, 5, BuildProgress.NONE);
        new SpectraBuilder()
                .setMsp(folder.resolve("spectra.msp"))
                .setMolFolder(folder.resolve("mol"))
                .setDatabase(file)
                .build();
        long atoms;
        long bonds;
        List<Long> ids = new ArrayList<>();
        try (Database database = Database.open(file, Access.READ);
                SpectrumDataset train = SpectrumDataset.builder()
                        .setDatabase(file)
                        .optSplit(Split.TRAIN)
                        .setSampling(4, false)
                        .build()) {
            atoms = database.queryLong("SELECT num_atoms FROM mol_structures WHERE compound_id = 3");
            bonds = database.queryLong("SELECT num_bonds FROM mol_structures WHERE compound_id = 3");
            for (long position = 0; position < train.size(); position++) {
                ids.add(train.id(position));
            }
        }

        List<String> lines = run(readers() + """
                import sqlite3
                c = sqlite3.connect("%s")
                spectrum, nodes, edges, bonds = read_spectrum(c, 3)
                print(spectrum[0], max(spectrum[1]), nodes[0], edges[0], bonds[0])
                print(split_ids(c, "train"))
                """.formatted(file));

        assertThat(lines)
                .containsExactly(
                        "[1000] 1.0 [%d, 48] [2, %d] [%d, 6]".formatted(atoms, 2 * bonds, 2 * bonds), ids.toString());
    }

    @Test
    void pythonReader_store_readsTextAndTensors() throws Exception {
        assumeTrue(Python.isHere(), "python3 is not here");
        Path file = folder.resolve("store.db");
        try (KvStore store =
                KvStore.builder().setFile(file).optCompression(true).build()) {
            store.namespace("main", Codecs.TEXT).put("grüße", "Mühle ".repeat(200));
            store.namespace("raw", Codecs.BYTES).put("b", new byte[] {1, 2});
            store.namespace("features", Codecs.TENSOR)
                    .put("CCO", TensorCodec.ofFloats(new float[] {0.5f, 2}, Compression.NONE, 2));
        }

        List<String> lines = run(readers() + """
                import sqlite3
                c = sqlite3.connect("%s")
                print(read_entry(c, "main", "grüße") == "Mühle " * 200, read_entry(c, "raw", "b"), read_entry(c, "main", "none"))
                shape, values = read_entry(c, "features", "CCO"); print(shape, list(values))
                """.formatted(file));

        assertThat(lines).containsExactly("True b'\\x01\\x02' None", "[2] [0.5, 2.0]");
    }

    @Test
    void pythonReader_metricsFileAndItsBackup_readTheCurve() throws Exception {
        assumeTrue(Python.isHere(), "python3 is not here");
        Path file = folder.resolve("metrics.db");
        Path backup = folder.resolve("backup.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run live = store.startRun("live", Map.of());
            for (long step = 1; step <= 3; step++) {
                live.log(step, "loss", 1.0 / step);
            }
            live.log(4, "loss", Double.NaN);
            assertThat(store.flush(Duration.ofSeconds(10))).isTrue();

            List<String> lines = run(readers() + """
                    import sqlite3
                    c = sqlite3.connect("%s")
                    print(read_curve(c, "loss"))
                    c.execute("VACUUM INTO '%s'")
                    """.formatted(file, backup));

            assertThat(lines).containsExactly("[(1, 1.0), (2, 0.5), (3, 0.3333333333333333)]");
        }
        try (MetricsReader reader = MetricsReader.open(backup)) {
            assertThat(reader.series(1, "loss").values()).hasSize(4);
        }
    }

    @Test
    void pythonReader_exafsDatabase_givesTheMeanOverAtoms() throws Exception {
        assumeTrue(Python.isHere(), "python3 is not here");
        Path tree = folder.resolve("tree");
        Path file = folder.resolve("chi.db");
        new ExafsSample(2, 2, 20, 3).write(tree, 1, BuildProgress.NONE);
        new ExafsBuilder().setTree(tree).setDatabase(file).build();

        List<String> lines = run(readers() + readers("docs/exafs.md") + """
                c = sqlite3.connect("%s")
                chi = mean_chi("%s", "U-O", 99)
                sums = [read_tensor(b[0])[1] for b in c.execute(
                    "SELECT chi_values FROM chi JOIN scattering_paths USING (path_id) JOIN path_types USING (type_id)"
                    " WHERE path_type = 'U-O' ORDER BY path_id")]
                print(len(chi), all(abs(chi[i] - sum(x[i] for x in sums) / 4) < 1e-12 for i in range(401)), len(sums) > 20)
                print(c.execute("SELECT count(*), sum(length(chi_values)) FROM chi_data").fetchone())
                """.formatted(file, file));

        assertThat(lines).containsExactly("401 True True", "(80, " + 80 * 401 * 8 + ")");
    }

    /** All the Python of the document. */
    private static String readers() {
        return readers("docs/format.md");
    }

    private static String readers(String document) {
        return Page.of(document).blocks("python").stream().map(Page.Block::text).collect(Collectors.joining());
    }

    private List<String> run(String script) throws IOException, InterruptedException {
        return Python.run(folder, script);
    }
}
