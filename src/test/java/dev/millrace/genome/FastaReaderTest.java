package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** FASTA as it is found in the wild: every base arrives, and what is none is named with its line. */
final class FastaReaderTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void records_withEveryKindOfLineEnd_areTheSame(String end) throws Exception {
        String text = String.join(
                end, "", ";comment", ">a first  one", "ACGT", "acgtn", "", "; note", "N-*", ">b", ">c\tx", "RY", "");

        assertThat(read(text)).containsExactly("3 a [first  one] ACGTacgtnN-*", "9 b [] ", "10 c [x] RY");
    }

    @Test
    void records_withoutLastLineEndAndWithBlanks_areRead() throws Exception {
        assertThat(read("> a\nAC GT\tA\n  >b\n")).containsExactly("1 a [] ! illegal_character 3 '>'");
        assertThat(read("\uFEFF>a\nACGT")).containsExactly("1 a [] ACGT");
        assertThat(read(">a\n>b")).containsExactly("1 a [] ", "2 b [] ");
        assertThat(read(">ä|1 é\nAC")).containsExactly("1 ä|1 [é] AC");
    }

    @Test
    void bases_thatAreNone_endTheirRecordOnlyAndAreNamedWithTheirLine() throws Exception {
        assertThat(read(">a\nACGT\nAC7T\nACGT\n>b\nAC\n>c\nA\0C\n>d\nGG"))
                .containsExactly(
                        "1 a [] ! illegal_character 3 '7'",
                        "5 b [] AC",
                        "7 c [] ! illegal_character 8 byte 0x00",
                        "9 d [] GG");
        assertThat(read(">a\nACé\n")).containsExactly("1 a [] ! illegal_character 2 byte 0xC3");
    }

    @Test
    void tags_ofPhylogeny_areBasesOfTheirRecord() throws Exception {
        String tag = "|d__Bacteria;p__Bacillota 2;s__X_y|";
        assertThat(read(">a\n" + tag + "ACGT@#\n" + tag.substring(0, 9) + "\n" + tag.substring(9) + "A"))
                .containsExactly("1 a [] " + tag + "ACGT@#" + tag + "A");
        assertThat(read(">a\nAC|tag\n>b\nAC").get(0)).startsWith("1 a [] ! illegal_character 3");
        assertThat(read(">a\nAC|" + "x".repeat(2049) + "|\n").get(0)).startsWith("1 a [] ! illegal_character 2");
        assertThat(read(">a\nAC|" + "x".repeat(2048) + "|\n").get(0)).startsWith("1 a [] AC|xx");
    }

    @Test
    void names_thatAreNone_areFaults() throws Exception {
        assertThat(read(">\nAC\n>b\nAC")).containsExactly("1  [] ! no_name 1 name", "3 b [] AC");
        assertThat(read(">a\u0001\nAC").get(0)).contains("! bad_name 1");
        Path latin = Files.write(folder.resolve("latin.fa"), new byte[] {'>', (byte) 0xE4, '\n', 'A'});
        assertThat(read(latin).get(0)).contains("! bad_name 1");
    }

    @Test
    void file_thatIsNoFasta_isRefusedWithItsFirstLine() {
        assertThatThrownBy(() -> read("ACGT\n>a\nACGT"))
                .isInstanceOf(MalformedFastaException.class)
                .hasMessageContaining("'ACGT'")
                .hasMessageContaining("line 1");
        assertThatThrownBy(() -> read("\n\nSQLite format 3\0")).hasMessageContaining("line 3");
        assertThatThrownBy(() -> read("")).hasMessageContaining("found nothing");
        assertThatThrownBy(() -> read(";only a comment\n")).hasMessageContaining("found none");
    }

    @Test
    void gzip_ofSeveralMembers_isReadWholeWhateverItsName() throws Exception {
        Random random = new Random(5);
        StringBuilder text = new StringBuilder();
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        for (int member = 0; member < 40; member++) {
            StringBuilder part = new StringBuilder(">m" + member + "\n");
            for (int i = random.nextInt(40_000); i > 0; i--) {
                part.append("ACGT".charAt(random.nextInt(4))).append(i % 70 == 0 ? "\n" : "");
            }
            part.append('\n');
            packed.write(gzip(part.toString()));
            text.append(part);
        }
        Path plain = Files.writeString(folder.resolve("plain.gz"), text);
        Path zipped = Files.write(folder.resolve("zipped.fa"), packed.toByteArray());

        assertThat(read(zipped)).hasSize(40).isEqualTo(read(plain));
    }

    @Test
    void gzip_cutAnywhere_isAnErrorThatNamesTheFile() throws Exception {
        byte[] first = gzip(">a\nACGT\n");
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(first);
        both.write(gzip(">b\n" + "ACGTT".repeat(1000)));
        byte[] whole = both.toByteArray();
        Path file = folder.resolve("cut.fa.gz");

        for (int length = 2; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            if (length == first.length) {
                // Nobody can tell that there was another member.
                assertThat(read(file)).containsExactly("1 a [] ACGT");
            } else {
                assertThatThrownBy(() -> read(file))
                        .as("cut to %d bytes", length)
                        .isInstanceOf(MalformedFastaException.class)
                        .hasMessageContaining("Truncated gzip")
                        .hasMessageContaining("cut.fa.gz");
            }
        }
    }

    @Test
    void gzip_withChangedBytes_isNeverReadAsSomethingElse() throws Exception {
        byte[] whole = gzip(">a\n" + "ACGTTGCA".repeat(300) + "\n>b\nGATTACA\n");
        List<String> expected = read(Files.write(folder.resolve("whole.fa"), whole));
        Path file = folder.resolve("changed.fa");
        // From the compressed data on: header fields like the time may change without harm.
        for (int place = 10; place < whole.length; place++) {
            byte[] changed = whole.clone();
            changed[place] ^= 0x10;
            Files.write(file, changed);
            try {
                assertThat(read(file)).as("byte %d", place).isEqualTo(expected);
            } catch (MalformedFastaException e) {
                assertThat(e).hasMessageContaining("changed.fa");
            }
        }
    }

    @Test
    void pieces_ofAnySize_areTheSameBases() throws Exception {
        Path file = Files.writeString(
                folder.resolve("long.fa"),
                ">a\n" + "ACGTN".repeat(120_000) + "\r\n" + "acg\r\n".repeat(1000) + ">b\nA");
        List<String> whole = read(file);

        for (int size : new int[] {1, 7, 1 << 16, 1 << 20}) {
            assertThat(read(file, size)).isEqualTo(whole);
        }
        assertThat(whole.get(0)).hasSize("1 a [] ".length() + 603_000);
    }

    @Test
    void recordsThatAreNotRead_areSkipped() throws Exception {
        Path file = Files.writeString(folder.resolve("f.fa"), ">a\nAC>GT\n>b\nAC\n;x\n>c\n");
        try (FastaReader reader = FastaReader.open(file)) {
            assertThat(reader.next()).isTrue();
            assertThat(reader.next()).isTrue();
            assertThat(reader.name()).isEqualTo("b");
            assertThat(reader.next()).isTrue();
            assertThat(reader.line()).isEqualTo(6);
            assertThat(reader.next()).isFalse();
            assertThat(reader.next()).isFalse();
            assertThat(reader.sha256()).hasSize(32);
        }
    }

    private List<String> read(String text) throws IOException {
        return read(Files.writeString(folder.resolve("f.fa"), text));
    }

    private static List<String> read(Path file) throws IOException {
        return read(file, 1000);
    }

    private static List<String> read(Path file, int size) throws IOException {
        List<String> records = new ArrayList<>();
        byte[] piece = new byte[size];
        try (FastaReader reader = FastaReader.open(file)) {
            while (reader.next()) {
                StringBuilder bases = new StringBuilder();
                for (int count = reader.read(piece); count >= 0; count = reader.read(piece)) {
                    assertThat(count).isPositive();
                    bases.append(new String(piece, 0, count, StandardCharsets.US_ASCII));
                }
                FastaReader.Fault fault = reader.fault();
                String what = fault == null
                        ? bases.toString()
                        : "! " + fault.reason() + " " + fault.line() + " "
                                + fault.detail().replaceAll("(?s).*found (a header without a )?", "");
                records.add(reader.line() + " " + reader.name() + " [" + reader.description() + "] " + what);
            }
        }
        return records;
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
        }
        return bytes.toByteArray();
    }
}
