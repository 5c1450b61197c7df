package dev.millrace.pcqm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of a CSV file, whatever is in it. */
class CsvRecordsTest {
    @TempDir
    Path folder;

    @Test
    void next_quotesCrLfAndBom_areAsInRfc4180() throws IOException {
        assertThat(records("\uFEFFa,b\r\n\r\n\"x\ny\",\"say \"\"hi\"\"\"\r\nlast,1"))
                .containsExactly("a|b", "x\ny|say \"hi\"", "last|1");
    }

    @Test
    void next_quoteThatNothingCloses_costsItsLineOnly() throws IOException {
        String tail = "good,1\n".repeat(20_000);

        List<String> found = records("a,b\n\"open,1\n" + tail);

        assertThat(found).hasSize(2 + 20_000);
        assertThat(found.get(1)).isEqualTo("malformed");
        assertThat(found.get(2)).isEqualTo("good|1");
        assertThat(found.get(20_001)).isEqualTo("good|1");
    }

    @Test
    void next_quoteThatNothingClosesNearTheEnd_costsItsLineOnly() throws IOException {
        assertThat(records("a,b\n\"open,1\ngood,1")).containsExactly("a|b", "malformed", "good|1");
    }

    @Test
    void next_lineWithoutEnd_isCutAndTheNextIsWhole() throws IOException {
        List<String> found = records("a,b\n" + "x".repeat(1_000_000) + "\ngood,1\n");

        assertThat(found).hasSize(3);
        assertThat(found.get(1)).hasSize(CsvRecords.LONGEST);
        assertThat(found.get(2)).isEqualTo("good|1");
    }

    @Test
    void next_anyBytes_neverFailsAndIsTheSameForAnyChunkSize() throws IOException {
        Random random = new Random(17);
        byte[] alphabet = "ab,\"\n\r\0\u00e9".getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 300; round++) {
            byte[] bytes = new byte[random.nextInt(round < 5 ? 400_000 : 200)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = alphabet[random.nextInt(alphabet.length)];
            }
            assertThat(records(bytes, 7)).as("round %d", round).isEqualTo(records(bytes, 512));
        }
    }

    @Test
    void open_gzipThatIsCut_saysSo() throws IOException {
        Path file = PcqmFixture.gzip(
                folder.resolve("cut.gz"), "idx,smiles\n0,C\n".repeat(5000).getBytes(StandardCharsets.UTF_8));
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 20));

        try (CsvRecords records = CsvRecords.open(file)) {
            assertThatThrownBy(() -> {
                        while (records.next(512) != null) {
                            // Until the damage.
                        }
                    })
                    .isInstanceOf(DamagedInputException.class)
                    .hasMessageContaining("damaged or cut after record");
        }
    }

    @Test
    void number_blankNanInfinite_areMissingAndWordsAreRefused() {
        for (String missing : List.of("", "NaN", "nan", "-inf", "Infinity", "+INF")) {
            assertThat(CsvFields.number(missing)).isNaN();
        }
        assertThat(CsvFields.number("-0.0")).isEqualTo(0.0);
        assertThat(Double.doubleToRawLongBits(CsvFields.number("-0"))).isZero();
        assertThat(CsvFields.number("3.0476751256")).isEqualTo(3.0476751256);
        for (String bad : List.of("abc", "1d", "0x1p3", "1e39", "1,5", "--1", "NULL")) {
            assertThatThrownBy(() -> CsvFields.number(bad)).as(bad).isInstanceOf(NumberFormatException.class);
        }
    }

    private List<String> records(String text) throws IOException {
        return records(text.getBytes(StandardCharsets.UTF_8), 512);
    }

    private List<String> records(byte[] bytes, int most) throws IOException {
        List<String> all = new ArrayList<>();
        CsvFields fields = new CsvFields();
        try (CsvRecords records = CsvRecords.of(folder, new ByteArrayInputStream(bytes))) {
            for (CsvRecords.Chunk chunk = records.next(most); chunk != null; chunk = records.next(most)) {
                assertThat(chunk.first()).isEqualTo(all.size());
                for (int i = 0; i < chunk.count(); i++) {
                    int count = fields.parse(chunk.bytes(), chunk.from(i), chunk.to(i));
                    List<String> texts = new ArrayList<>();
                    for (int field = 0; field < count; field++) {
                        texts.add(fields.text(field));
                    }
                    all.add(count < 0 ? "malformed" : String.join("|", texts));
                }
            }
        }
        return all;
    }
}
