package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.StorageFullException;
import dev.millrace.sqlite.Verification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From FASTA to a store and to the original's files, and between the two. */
final class GenomeImportTest {
    private static final Path REFERENCE = Path.of("../shared/data/genome/reference");

    @TempDir
    Path folder;

    @Test
    void store_ofSeveralFiles_holdsEveryContigUnderItsSample() throws Exception {
        Path first = fasta("one.fa.gz", ">chr1 x\nACGT\nac\n>A__B-S-1__C\nNNNN\n>e\n");
        Path second = fasta("two.fasta", ">chr2\nGG\n");
        Path store = folder.resolve("store.db");

        GenomeImportReport report = new GenomeImport()
                .addFasta(first)
                .addFasta(second)
                .setStore(store)
                .run();

        assertThat(contigs(store)).containsExactly("A__B-S-1__C S.1 NNNN", "chr1 one ACGTac", "chr2 two GG", "e one ");
        assertThat(report.contigs()).isEqualTo(4);
        assertThat(report.emptyContigs()).isEqualTo(1);
        assertThat(report.bases()).isEqualTo(12);
        assertThat(report.samples()).isEqualTo(3);
        assertThat(Verification.verify(store).faults()).isEmpty();
        try (GenomeStore opened = GenomeStore.open(store)) {
            assertThat(opened.info())
                    .containsEntry("source_1", "one.fa.gz")
                    .containsEntry("source_2", "two.fasta")
                    .containsEntry("bases", "12")
                    .containsKey("source_2_sha256");
            assertThat(opened.contig("chr1").length()).isEqualTo(6);
            assertThatThrownBy(() -> opened.contig("chr11"))
                    .hasMessageContaining("chr11")
                    .hasMessageContaining("store.db")
                    .hasMessageContaining("chr2");
        }
    }

    @Test
    void store_ofTheSameFilesAndSettings_isLeftAsItIs() throws Exception {
        Path file = fasta("one.fa", ">a\nACGT\n>b\nGG\n>b\nGG\n");
        Path store = folder.resolve("store.db");
        GenomeImport first = new GenomeImport().addFasta(file).setStore(store).optMaxRejects(0.5);
        GenomeImportReport made = first.run();

        GenomeImportReport again =
                new GenomeImport().addFasta(file).setStore(store).run();

        assertThat(again.upToDate()).isTrue();
        assertThat(again.fingerprint()).isEqualTo(made.fingerprint());
        assertThat(again.rejects()).isEqualTo(made.rejects()).isEqualTo(Map.of("duplicate", 1L));
        assertThatThrownBy(() -> new GenomeImport()
                        .addFasta(file)
                        .setStore(store)
                        .optSampleIds(SampleIds.fixed("S"))
                        .run())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("--rebuild")
                .hasMessageContaining("sample_ids");
        fasta("one.fa", ">a\nACGA\n");
        assertThatThrownBy(
                        () -> new GenomeImport().addFasta(file).setStore(store).run())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("FASTA files are others");
        assertThat(new GenomeImport()
                        .addFasta(file)
                        .setStore(store)
                        .optRebuild(true)
                        .run()
                        .contigs())
                .isEqualTo(1);
    }

    @Test
    void duplicates_beyondTheAllowedShare_publishNothingButTheList() throws Exception {
        Path file = fasta("dupes.fa", ">a\nAC\n>a\nGT\n>b\nA1\n>\nAC\n>c\nAC\n");
        Path store = folder.resolve("store.db");
        Path rejects = folder.resolve("rejects.tsv");

        assertThatThrownBy(() -> new GenomeImport()
                        .addFasta(file)
                        .setStore(store)
                        .optRejects(rejects)
                        .run())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("found 3 {duplicate=1, illegal_character=1, no_name=1}")
                .hasMessageContaining("dupes.fa:3 'a'");

        assertThat(store).doesNotExist();
        assertThat(Files.readString(rejects))
                .contains("dupes.fa\t3\ta\tduplicate\t")
                .contains("dupes.fa\t6\tb\tillegal_character\t")
                .contains("dupes.fa\t7\t\tno_name\t");
        new GenomeImport().addFasta(file).setStore(store).optMaxRejects(0.6).run();
        assertThat(contigs(store)).containsExactly("a dupes AC", "c dupes AC");
        assertThat(rows(store, "SELECT file || ' ' || line || ' ' || name FROM rejects"))
                .containsExactly("dupes.fa 3 a", "dupes.fa 6 b", "dupes.fa 7 ");
    }

    @Test
    void ids_withoutASample_areRejectedByName() throws Exception {
        Path file = fasta("f.fa", ">chr1\nAC\n");

        assertThatThrownBy(() -> new GenomeImport()
                        .addFasta(file)
                        .setStore(folder.resolve("store.db"))
                        .optSampleIds(SampleIds.original())
                        .run())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("no_sample")
                .hasMessageContaining("'chr1' with no '__'. Nothing was written.");
    }

    @Test
    void input_thatIsCutOrMissing_leavesTheOldStore() throws Exception {
        Path store = folder.resolve("store.db");
        new GenomeImport().addFasta(fasta("a.fa", ">a\nAC\n")).setStore(store).run();
        Path cut = fasta("cut.fa.gz", ">b\n" + "ACGT".repeat(50_000));
        byte[] bytes = Files.readAllBytes(cut);
        Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length - 5));

        assertThatThrownBy(() -> new GenomeImport()
                        .addFasta(cut)
                        .setStore(store)
                        .optRebuild(true)
                        .run())
                .isInstanceOf(MalformedFastaException.class);
        assertThatThrownBy(() -> new GenomeImport()
                        .addFasta(folder.resolve("none.fa"))
                        .setStore(store)
                        .optRebuild(true)
                        .run())
                .isInstanceOf(NoSuchFileException.class);

        assertThat(contigs(store)).containsExactly("a a AC");
        assertThat(names(folder)).doesNotContain("store.db.partial");
    }

    @Test
    void disk_thatIsFull_publishesNothing() throws Exception {
        Path file = fasta("f.fa", ">a\n" + "ACGT".repeat(100_000));
        Path store = folder.resolve("store.db");

        assertThatThrownBy(() -> new GenomeImport()
                        .addFasta(file)
                        .setStore(store)
                        .optMaxPages(50)
                        .run())
                .isInstanceOf(StorageFullException.class);

        assertThat(names(folder)).doesNotContain("store.db", "store.db.partial");
    }

    @Test
    void sharded_ofAnImport_hasTheOriginalsSchemaAndRows() throws Exception {
        Path file = fasta("f.fa", ">A__B-S1__1\nACgt\n>A__B-S2-x__1\nNN\n>A__B-S1__0\n");
        Path sharded = folder.resolve("out");

        GenomeImportReport report = new GenomeImport()
                .addFasta(file)
                .setSharded(sharded)
                .optSampleIds(SampleIds.original())
                .run();

        assertThat(report.samples()).isEqualTo(2);
        assertThat(names(sharded)).containsExactlyInAnyOrder("S1", "S2.x");
        Path first = sharded.resolve("S1/glm_dataset_S1.sqlite");
        assertThat(rows(first, "SELECT contig_id || ' ' || nt_sequence || ' ' || typeof(nt_sequence) FROM sequences"))
                .containsExactly("A__B-S1__1 ACgt text", "A__B-S1__0  text");
        assertThat(rows(
                        first,
                        "SELECT replace(replace(sql, char(10), ''), '    ', '') FROM sqlite_schema"
                                + " WHERE sql IS NOT NULL"))
                .containsExactly("CREATE TABLE sequences (contig_id TEXT PRIMARY KEY,nt_sequence TEXT NOT NULL)");
        assertThatThrownBy(() ->
                        new GenomeImport().addFasta(file).setSharded(sharded).run())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("glm_dataset_S1.sqlite");
    }

    @Test
    void sharded_whoseContigsTheOriginalCouldNotFind_isRefusedBeforeAnythingIsWritten() throws Exception {
        Path sharded = folder.resolve("out");

        assertThatThrownBy(() -> new GenomeImport()
                        .addFasta(fasta("x.fa", ">chr1\nAC\n"))
                        .addFasta(fasta("y.fa", ">chr2\nAC\n"))
                        .setSharded(sharded)
                        .run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("chr1")
                .hasMessageContaining("--sample");

        assertThat(sharded).doesNotExist();
        new GenomeImport()
                .addFasta(folder.resolve("x.fa"))
                .addFasta(folder.resolve("y.fa"))
                .setSharded(sharded)
                .optSampleIds(SampleIds.fixed("ONE"))
                .run();
        ShardedFolder opened = ShardedFolder.open(sharded);
        assertThat(opened.files()).containsOnlyKeys("ONE");
        assertThat(opened.sampleOf("chr2")).isEqualTo("ONE");
    }

    @Test
    void sharded_besideSamplesThatWouldNotBeFoundAnyMore_isRefused() throws Exception {
        Path sharded = folder.resolve("out");
        Path named = fasta("named.fa", ">A__B-S1__1\nACGT\n");
        Path plain = fasta("plain.fa", ">chr1\nAC\n");
        new GenomeImport().addFasta(plain).setSharded(sharded).run();

        assertThatThrownBy(() ->
                        new GenomeImport().addFasta(named).setSharded(sharded).run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 samples")
                .hasMessageContaining("contig chr1 of sample plain")
                .hasMessageContaining("glm_dataset_plain.sqlite");
        assertThat(ShardedFolder.open(sharded).files()).containsOnlyKeys("plain");

        Path other = folder.resolve("other");
        new GenomeImport().addFasta(named).setSharded(other).run();
        assertThatThrownBy(() ->
                        new GenomeImport().addFasta(plain).setSharded(other).run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("contig chr1 of sample plain");
        new GenomeImport()
                .addFasta(fasta("more.fa", ">A__B-S2__1\nAC\n"))
                .setSharded(other)
                .run();
        assertThat(ShardedFolder.open(other).files()).containsOnlyKeys("S1", "S2");
    }

    @Test
    void folder_madeForAnImportThatFailed_isTakenAwayAgain() throws Exception {
        Path sharded = folder.resolve("out");
        Path text = fasta("text.fa", "no FASTA\n");

        assertThatThrownBy(() ->
                        new GenomeImport().addFasta(text).setSharded(sharded).run())
                .isInstanceOf(MalformedFastaException.class);
        assertThat(sharded).doesNotExist();

        Files.createDirectory(sharded);
        assertThatThrownBy(() ->
                        new GenomeImport().addFasta(text).setSharded(sharded).run())
                .isInstanceOf(MalformedFastaException.class);
        assertThat(sharded).isEmptyDirectory();
    }

    @Test
    void folder_withoutSamples_isAnErrorThatNamesIt() throws Exception {
        Files.createDirectories(folder.resolve("X"));
        Files.writeString(folder.resolve("X/glm_dataset_Y.sqlite"), "");
        Files.writeString(folder.resolve("train_windows.db"), "");

        assertThat(ShardedFolder.is(folder)).isFalse();
        assertThatThrownBy(() -> ShardedFolder.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("No SQLite files found in " + folder);
    }

    @Test
    void folder_withoutTheSampleAskedFor_namesCountAndNearest() throws Exception {
        for (String sample : List.of("LON041.1", "PHAGE1", "META1")) {
            ShardedWriter.write(folder, sample, Map.of("x", new byte[] {'A'}));
        }

        assertThatThrownBy(() -> ShardedFolder.open(folder).fileOf("BCR__EXT-LON042-1__CT1-1"))
                .hasMessageContaining("LON042.1")
                .hasMessageContaining("found 3 other samples")
                .hasMessageContaining("LON041.1");
    }

    @Test
    void reference_convertedToAStoreAndBack_isTheSame() throws Exception {
        assumeTrue(Files.isDirectory(REFERENCE), "reference data is not here");
        Path store = folder.resolve("store.db");
        Path back = folder.resolve("back");
        Map<String, String> expected = new TreeMap<>();
        JsonNode sequences = JsonMapper.shared()
                .readTree(new java.util.zip.GZIPInputStream(
                        Files.newInputStream(REFERENCE.resolve("sequences.json.gz"))));
        sequences
                .propertyStream()
                .forEach(entry -> expected.put(entry.getKey(), entry.getValue().asString()));
        GenomeConvert convert = new GenomeConvert(state -> {});

        GenomeConvert.Report there = convert.fromSharded(REFERENCE.resolve("sequence_db_dir"), store, false);
        assertThat(there.contigs()).isEqualTo(20);
        assertThat(Verification.verify(store).faults()).isEmpty();
        try (GenomeStore opened = GenomeStore.open(store)) {
            convert.toSharded(opened, back, false);
        }

        Map<String, String> found = new TreeMap<>();
        contigs(store).forEach(line -> {
            String[] part = line.split(" ", 3);
            found.put(part[0], part[2]);
            assertThat(part[1]).isEqualTo(SampleIds.of(part[0]));
        });
        assertThat(found).isEqualTo(expected);
        ShardedFolder.open(REFERENCE.resolve("sequence_db_dir"))
                .files()
                .forEach((sample, file) -> assertThat(
                                sequences(back.resolve(sample).resolve(file.getFileName())))
                        .isEqualTo(sequences(file)));
    }

    @Test
    void conversion_ofAContigInTwoSamplesOrNotAscii_isRefused() throws Exception {
        Path twice = folder.resolve("twice");
        ShardedWriter.write(twice, "A", Map.of("x", new byte[] {'A'}));
        ShardedWriter.write(twice, "B", Map.of("x", new byte[] {'A'}));
        Path other = folder.resolve("other");
        ShardedWriter.write(other, "A", Map.of("x", "Aé".getBytes(StandardCharsets.UTF_8)));
        GenomeConvert convert = new GenomeConvert(state -> {});
        Path store = folder.resolve("store.db");

        assertThatThrownBy(() -> convert.fromSharded(twice, store, false)).hasMessageContaining("in another sample");
        assertThatThrownBy(() -> convert.fromSharded(other, store, false))
                .hasMessageContaining("Contig x is not ASCII")
                .hasMessageContaining("195 at base 1");
        assertThat(store).doesNotExist();
    }

    @Test
    void bases_readFromAnyPlace_areThoseOfTheContig() throws Exception {
        StringBuilder text = new StringBuilder();
        java.util.Random random = new java.util.Random(3);
        for (int i = 0; i < 50_000; i++) {
            text.append("ACGT".charAt(random.nextInt(4)));
        }
        Path store = folder.resolve("store.db");
        new GenomeImport()
                .addFasta(fasta("f.fa", ">a\n" + text + "\n>b\nCCC\n"))
                .setStore(store)
                .run();

        try (GenomeStore opened = GenomeStore.open(store)) {
            Contig contig = opened.contig("a");
            byte[] bases = new byte[20_010];
            for (int i = 0; i < 200; i++) {
                int start = random.nextInt(51_000);
                int read = opened.read(contig, start, bases, 10, 20_000);
                assertThat(new String(bases, 10, read, StandardCharsets.US_ASCII))
                        .isEqualTo(text.substring(Math.min(start, 50_000), Math.min(50_000, start + 20_000)));
            }
            assertThatThrownBy(() -> opened.read(contig, -1, bases, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void chunk_thatIsDamaged_isAnErrorThatNamesIt() throws Exception {
        Path store = folder.resolve("store.db");
        new GenomeImport()
                .addFasta(fasta("f.fa", ">a\n" + "ACGT".repeat(5000)))
                .setStore(store)
                .run();
        try (Database database = Database.open(store, Access.LIVE)) {
            database.execute("UPDATE chunks SET bases = replace(bases, 'T', 'G') WHERE chunk_id = 2");
            database.execute("PRAGMA journal_mode=DELETE");
        }

        try (GenomeStore opened = GenomeStore.open(store)) {
            Contig contig = opened.contig("a");
            assertThat(opened.read(contig, 0, new byte[100], 0, 100)).isEqualTo(100);
            assertThatThrownBy(() -> opened.read(contig, 16_300, new byte[100], 0, 100))
                    .isInstanceOf(dev.millrace.sqlite.CorruptDatabaseException.class)
                    .hasMessageContaining("chunk_id=2 of contig a");
        }
        assertThat(Verification.verify(store).faults()).isNotEmpty();
    }

    private Path fasta(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        if (!name.endsWith(".gz")) {
            return Files.writeString(file, text);
        }
        try (java.util.zip.GZIPOutputStream out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    private static List<String> contigs(Path store) throws IOException {
        List<String> lines = new ArrayList<>();
        try (GenomeStore opened = GenomeStore.open(store)) {
            opened.forEachContig(contig -> {
                StringBuilder bases = new StringBuilder();
                opened.forEachPiece(contig, piece -> bases.append(new String(piece, StandardCharsets.US_ASCII)));
                lines.add(contig.contigId() + " " + contig.sampleId() + " " + bases);
            });
        }
        return lines;
    }

    private static List<String> sequences(Path file) {
        return rows(file, "SELECT contig_id || ' ' || nt_sequence FROM sequences ORDER BY rowid");
    }

    private static List<String> rows(Path file, String sql) {
        try (Database database = Database.open(file, Access.READ)) {
            return database.read(sql, connection -> {
                List<String> lines = new ArrayList<>();
                try (var select = connection.prepareStatement(sql);
                        var row = select.executeQuery()) {
                    while (row.next()) {
                        lines.add(row.getString(1));
                    }
                }
                return lines;
            });
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".lock"))
                    .toList();
        }
    }
}
