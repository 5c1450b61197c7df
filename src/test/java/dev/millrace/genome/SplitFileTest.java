package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.batch.Split;
import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SplitFileTest {
    private static final List<ContigLength> CONTIGS = List.of(
            new ContigLength("BCR__EXT-S1__CT1-1", 5386),
            new ContigLength("a,b \"c\"", 0),
            new ContigLength("é\uff5e", 1L << 33));

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(
            value = CompressionCodecName.class,
            names = {"UNCOMPRESSED", "SNAPPY", "ZSTD", "LZ4_RAW"})
    void parquet_ofEveryCodecThatCanBeRead_givesItsRows(CompressionCodecName codec) throws IOException {
        List<ContigLength> many = new ArrayList<>();
        // Several row groups and pages, some names in a dictionary.
        for (int i = 0; i < 20_000; i++) {
            many.add(new ContigLength(i % 3 == 0 ? "same" : "contig " + i, i * 1_000_003L));
        }
        Path file = parquet(codec, many);

        assertThat(read(file)).isEqualTo(many);
    }

    @Test
    void parquet_ofTheWriter_isReadBack() throws IOException {
        Path file = folder.resolve("split.parquet");
        try (SplitWriter writer = SplitWriter.open(file, ContigSplit.Format.PARQUET)) {
            for (ContigLength contig : CONTIGS) {
                writer.add(contig.contigId(), contig.length());
            }
            writer.publish();
        }
        assertThat(read(file)).isEqualTo(CONTIGS);
    }

    @Test
    void csv_ofTheWriter_isReadBack() throws IOException {
        Path file = folder.resolve("split.csv");
        try (SplitWriter writer = SplitWriter.open(file, ContigSplit.Format.CSV)) {
            for (ContigLength contig : CONTIGS) {
                writer.add(contig.contigId(), contig.length());
            }
            writer.publish();
        }
        assertThat(read(file)).isEqualTo(CONTIGS);
    }

    @Test
    void parquet_withFurtherColumnsInAnotherOrderAndOptional_givesTheTwo() throws IOException {
        Path file = ParquetFile.write(
                folder.resolve("x"),
                "message m { optional int32 length; required double gc; optional binary contig_id; }",
                CompressionCodecName.ZSTD,
                List.<Object[]>of(new Object[] {7, 0.5, "a"}, new Object[] {8, 0.25, "b"}));

        assertThat(read(file)).containsExactly(new ContigLength("a", 7), new ContigLength("b", 8));
    }

    @Test
    void parquet_ofUnsignedNumbers_isReadAsSuch() throws IOException {
        Path file = ParquetFile.write(
                folder.resolve("x"),
                "message m { required binary contig_id (STRING); required int32 length (INTEGER(32,false)); }",
                CompressionCodecName.SNAPPY,
                List.<Object[]>of(new Object[] {"a", -1}));

        assertThat(read(file)).containsExactly(new ContigLength("a", (1L << 32) - 1));
    }

    @Test
    void parquet_withGzip_isRefusedInWords() throws IOException {
        Path file = parquet(CompressionCodecName.ZSTD, List.of(new ContigLength("a", 1)));
        // The library cannot write gzip either: the codec is a number in the footer, which is compact Thrift; ZSTD is 6
        // and
        // GZIP 2, zigzag coded, behind a field header of type i32.
        byte[] bytes = Files.readAllBytes(file);
        int changed = 0;
        for (int i = bytes.length - 1; i > 4; i--) {
            if (bytes[i] == 12 && bytes[i - 1] == 0x15 && bytes[i + 1] == 0x16) {
                bytes[i] = 4;
                changed++;
            }
        }
        assertThat(changed).isGreaterThanOrEqualTo(2);
        Files.write(file, bytes);

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("found GZIP in column contig_id")
                .hasMessageContaining(file.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "message m { required binary contig; required int64 length; } | missing: contig_id",
                "message m { required binary contig_id; required int64 len; } | missing: length",
                "message m { required binary contig_id; required double length; } | whole numbers",
                "message m { required int64 contig_id; required int64 length; } | strings",
                "message m { required binary contig_id; required int64 length (TIMESTAMP(MILLIS,true)); } | whole numbers",
            })
    void parquet_withOtherColumns_isRefusedNamingThem(String schema, String named) throws IOException {
        Object[] row = schema.contains("double length")
                ? new Object[] {"a", 1.0}
                : new Object[] {schema.contains("int64 contig_id") ? (Object) 1L : "a", 1L};
        Path file = ParquetFile.write(
                folder.resolve("x"), schema.strip(), CompressionCodecName.SNAPPY, List.<Object[]>of(row));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining(named)
                .hasMessageContaining(file.toString());
    }

    @Test
    void parquet_withAnEmptyCell_isRefusedNamingTheRow() throws IOException {
        Path file = ParquetFile.write(
                folder.resolve("x"),
                "message m { optional binary contig_id; optional int64 length; }",
                CompressionCodecName.SNAPPY,
                List.<Object[]>of(new Object[] {"a", 1L}, new Object[] {"b", null}));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("found none in row 2");
    }

    @Test
    void parquet_damagedAnywhere_isReadOrRefusedButNothingElse() throws IOException {
        List<ContigLength> contigs = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            contigs.add(new ContigLength("c" + i, i));
        }
        Path file = parquet(CompressionCodecName.SNAPPY, contigs);
        byte[] sound = Files.readAllBytes(file);
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 150; i++) {
            byte[] damaged = sound.clone();
            if (i % 3 == 0) {
                damaged = Arrays.copyOf(sound, 4 + random.nextInt(sound.length - 4));
            } else {
                damaged[4 + random.nextInt(sound.length - 4)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, damaged);
            try {
                List<ContigLength> read = read(file);
                assertThat(read).hasSizeLessThanOrEqualTo(contigs.size());
            } catch (RejectedInputException e) {
                refused++;
                assertThat(e).hasMessageContaining(file.toString());
            }
        }
        assertThat(refused).isGreaterThan(60);
    }

    @Test
    void parquet_withoutTheLibrary_isAnErrorThatSaysWhatToAdd() throws Exception {
        Path file = parquet(CompressionCodecName.SNAPPY, CONTIGS);
        List<URL> others = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1)) {
            if (!entry.contains("parquet")) {
                others.add(Path.of(entry).toUri().toURL());
            }
        }
        try (URLClassLoader without =
                new URLClassLoader(others.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Class<?> splitFile = without.loadClass(SplitFile.class.getName());
            assertThatThrownBy(() -> splitFile.getMethod("open", Path.class).invoke(null, file))
                    .cause()
                    .hasMessageContaining("blue.strategic.parquet:parquet-floor")
                    .hasMessageContaining(file.toString())
                    .satisfies(
                            e -> assertThat(e.getClass().getName()).isEqualTo(MissingLibraryException.class.getName()));
            Path csv = Files.writeString(folder.resolve("a.csv"), "contig_id,length\na,1\n");
            assertThat(splitFile.getMethod("open", Path.class).invoke(null, csv))
                    .isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "contig_id,length\nx,5\n\"a,\"\"b\",7\n",
                "contig_id\tlength\nx\t5\n\"a,\"\"b\"\t7",
                "\uFEFFlength,note,contig_id\r\n5,n,x\r\n\r\n 7 ,,\"a,\"\"b\"\r\n",
            })
    void table_inAnyForm_givesItsRows(String text) throws IOException {
        assertThat(read(Files.writeString(folder.resolve("split.txt"), text)))
                .containsExactly(new ContigLength("x", 5), new ContigLength("a,\"b", 7));
        Path packed = folder.resolve("split.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(read(packed)).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "contig_id,len;a,1 | :1: | missing: length",
                "a,1;b,2 | :1: | missing: contig_id, length",
                "contig_id,length,length;a,1,2 | :1: | once each",
                "contig_id,length;a,1;b,abc | :3: | found 'abc'",
                "contig_id,length;a,1.5 | :2: | found '1.5'",
                "contig_id,length;a,99999999999999999999 | :2: | whole bases",
                "contig_id,length;a | :2: | expected 2 fields as in the first line, found 1",
                "contig_id,length;a,1,2 | :2: | found 3",
                "contig_id,length;\"a,1 | :2: | closing quote",
                "contig_id,length;\"a\"b,1 | :2: | after a closing quote",
            })
    void table_thatIsWrong_isRefusedWithItsLine(String text, String place, String why) throws IOException {
        Path file = Files.writeString(folder.resolve("split.csv"), text.strip().replace(';', '\n'));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining(file + place.strip())
                .hasMessageContaining(why);
    }

    @Test
    void textThatIsNone_isRefusedInBoundedMemory() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.csv"));
        assertThatThrownBy(() -> read(empty)).hasMessageContaining("an empty file");
        Path binary = Files.write(folder.resolve("binary.csv"), new byte[] {(byte) 0xC3, 0x28});
        assertThatThrownBy(() -> read(binary)).hasMessageContaining("UTF-8");
        Path longLine = Files.write(folder.resolve("long.csv"), new byte[TextSplit.LONGEST_LINE + 1]);
        assertThatThrownBy(() -> read(longLine)).hasMessageContaining("a longer one");
        byte[] gzip = {0x1f, (byte) 0x8b, 8, 0, 0};
        Path cut = Files.write(folder.resolve("cut.csv.gz"), gzip);
        assertThatThrownBy(() -> read(cut))
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("gzip");
        assertThatThrownBy(() -> read(folder.resolve("none.csv"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> read(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("No SQLite files found in " + folder);
    }

    @Test
    void fastaIndex_givesItsRows() throws IOException {
        Path file = Files.writeString(folder.resolve("x.fa.fai"), "chr 1\t12\t6\t12\t13\nchr2\t0\t25\t12\t13\n");
        assertThat(read(file)).containsExactly(new ContigLength("chr 1", 12), new ContigLength("chr2", 0));
        Path wrong = Files.writeString(folder.resolve("y.fai"), "this is not an index\n");
        assertThatThrownBy(() -> read(wrong)).hasMessageContaining("y.fai:1: expected a line of a FASTA index");
    }

    @Test
    void sampleFolder_givesTheLengthsOfItsSequences() throws IOException {
        for (String sample : List.of("S1", "S2")) {
            Path file = folder.resolve(sample).resolve("glm_dataset_" + sample + ".sqlite");
            Files.createDirectories(file.getParent());
            try (DatabaseBuild build = DatabaseBuild.beginForeign(file)) {
                build.database()
                        .execute(
                                "CREATE TABLE sequences (contig_id TEXT PRIMARY KEY, nt_sequence TEXT NOT NULL)",
                                "INSERT INTO sequences (contig_id, nt_sequence) VALUES ('" + sample + "b', 'ACGT'), ('"
                                        + sample + "a', '')");
                build.publish();
            }
        }
        assertThat(read(folder))
                .containsExactly(
                        new ContigLength("S1b", 4),
                        new ContigLength("S1a", 0),
                        new ContigLength("S2b", 4),
                        new ContigLength("S2a", 0));
    }

    @Test
    void reference_sampleFolder_givesTheLengthsOfTheSplit() throws IOException {
        assertThat(read(GenomeReference.file("sequence_db_dir")))
                .containsExactlyInAnyOrderElementsOf(GenomeReference.contigs());
    }

    @Test
    void store_givesAllOrOneSplit_andNoDamagedLength() throws IOException {
        List<ContigLength> contigs = List.of(new ContigLength("b", 3), new ContigLength("a", 20_000));
        Path store = StoreFile.of(folder.resolve("s.db"), contigs);
        assertThat(read(store)).isEqualTo(contigs);
        assertThat(SplitFile.splitsOf(store)).isEmpty();
        try (Database database = Database.open(store, Access.AMEND)) {
            database.execute("INSERT INTO contig_splits (seq_id, split) VALUES (2, 'val')");
        }
        assertThat(SplitFile.splitsOf(store)).containsExactly(Split.VALIDATION);
        assertThat(read(store, Split.VALIDATION)).containsExactly(contigs.get(1));
        assertThat(read(store, Split.TRAIN)).isEmpty();

        try (Database database = Database.open(store, Access.AMEND)) {
            database.execute("UPDATE contigs SET length = 4 WHERE seq_id = 1");
        }
        assertThatThrownBy(() -> read(store))
                .isInstanceOf(CorruptDatabaseException.class)
                .hasMessageContaining("seq_id=1");
    }

    private Path parquet(CompressionCodecName codec, List<ContigLength> contigs) throws IOException {
        return ParquetFile.write(
                folder.resolve(codec + ".parquet"),
                ParquetFile.LONGS,
                codec,
                contigs.stream()
                        .map(contig -> new Object[] {contig.contigId(), contig.length()})
                        .toList());
    }

    private static List<ContigLength> read(Path file) throws IOException {
        return read(file, Split.ALL);
    }

    private static List<ContigLength> read(Path file, Split split) throws IOException {
        List<ContigLength> read = new ArrayList<>();
        SplitFile.open(file, split).forEach((contigId, length, row) -> read.add(new ContigLength(contigId, length)));
        return read;
    }
}
