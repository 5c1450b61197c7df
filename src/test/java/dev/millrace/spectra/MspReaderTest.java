package dev.millrace.spectra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MspReaderTest {
    private static final Path DATA = Path.of("../shared/data/massspec");

    @ParameterizedTest
    @CsvSource({
        // file, read, rejected, peaks: the sum of the announced ones
        "matchms__Hydrogen_chloride, 1, 0, 4",
        "matchms__MoNA-export-GC-MS-first10, 10, 0, 494",
        "matchms__comments_with_quotes, 1, 0, 248",
        "matchms__edge_golm, 1, 0, 26",
        "matchms__golm, 3, 0, 287",
        "matchms__massbank_five_spectra, 5, 0, 41",
        "matchms__multiline_semicolon, 2, 0, 25",
        "matchms__rcx_gc-ei_ms_20201028_perylene, 1, 0, 19",
        "matchms__riken_style_five_spectra, 5, 0, 41",
        "matchms__save_as_msp_from_mgf, 1, 0, 5",
        "matchms__test_spectra_collection, 3, 0, 37",
        "msbackendmsp__fail_2_spectrum, 0, 1, 0",
        "msbackendmsp__fail_spectrum, 0, 1, 0",
        "msbackendmsp__fail_spectrum2, 2, 0, 111",
        "msbackendmsp__minimona, 30, 0, 1126",
        "msbackendmsp__msdial_pos, 5, 1, 61",
        "msbackendmsp__small-export-LipidBlast, 5, 0, 28",
        "msbackendmsp__spectrum, 1, 0, 86",
        "msbackendmsp__spectrum2, 2, 0, 111",
        "riassigner__Alkanes_20210325, 4, 0, 109",
        "riassigner__MSMS-Neg-PFAS_20200806, 36, 0, 200",
        "riassigner__NIST_EI_MS_2mols, 2, 0, 21",
        "riassigner__PFAS_added_rt, 6, 0, 25",
        "riassigner__nist_ei_ms_3mols_input, 3, 0, 35",
        "riassigner__recetox_gc-ei_ms_20201028, 10, 0, 204",
    })
    void next_realDialect_readsOrRejectsEveryRecord(String name, int read, int rejected, int peaks) throws IOException {
        Path file = DATA.resolve("msp").resolve(name + ".msp");
        Assumptions.assumeTrue(Files.exists(file), "no reference data at " + file);
        Result result = read(file);
        assertThat(result.rejects).hasSize(rejected);
        assertThat(result.records).hasSize(read);
        assertThat(result.present).isEqualTo(read + rejected);
        assertThat(result.stray).isZero();
        assertThat(result.records.stream().mapToInt(r -> r.peaks().size()).sum())
                .isEqualTo(peaks);
    }

    @Test
    void next_fiveHundredRealSpectra_readsAllWithTheirFields() throws IOException {
        Path file = DATA.resolve("massbank_ei_ccby.msp");
        Assumptions.assumeTrue(Files.exists(file), "no reference data at " + file);
        Result result = read(file);
        assertThat(result.records).hasSize(557);
        assertThat(result.rejects).isEmpty();
        MspRecord last = result.records.get(556);
        assertThat(last.sourceId()).isEqualTo("300557");
        assertThat(last.formula()).isEqualTo("C20H30O6");
        assertThat(last.retentionIndex()).isEqualTo(2459);
        assertThat(last.peaks().size()).isEqualTo(25);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Name: a\nNum Peaks: 3\n10 1\n20.5 2\n30 3\n",
                "NAME:a\r\nNUM PEAKS:3\r\n10\t1\r\n20.5\t2\r\n30\t3\r\n\r\n",
                "name : a\rnum_peaks : 3\r10 1; 20.5 2; 30 3;\r",
                "\uFEFFName: a\nNumPeaks: 3\n10:1 20.5:2\n30:3\n$$$$\n",
                "Num Peaks: 3\nName: a\n10,1 20.5,2 30,3\n",
                "Name: a\nNum peaks: 3\n10,0 1,0\n20,5 2,0\n30,0 3,0\n",
                "Name: a\nNum peaks: 3\n10, 1, 20.5, 2, 30, 3\n",
                "Name: a\nNum Peaks: 3\nSmiles: C\n  10 1 \"C; 5:1\"\n20.50\t2\t\"x, 1/2\"\n3.0e1 3 \"\"\n",
                "Name: a\nNum Peaks: 3\n10 1\n20.5 2\n30 3\nSmiles: C\n",
                "COMPOUND_NAME: a\nNum Peaks: 3\n10 1\n20.5 2\n30 +3\n",
            })
    void next_sameSpectrumInAnyDialect_readsTheSamePeaks(String text) throws IOException {
        Result result = read(text);
        assertThat(result.rejects).isEmpty();
        assertThat(result.records).singleElement().satisfies(record -> {
            assertThat(record.name()).isEqualTo("a");
            assertThat(record.peaks()).isEqualTo(Peaks.of(new double[] {10, 20.5, 30}, new double[] {1, 2, 3}));
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "RI:1625                                                       ! 1625",
                "Retention_index: 986,97                                       ! 986.97",
                "COMMENT: SemiStdNP=354/16/10 StdNP=379/7/34 ; NIST MS# 229809 ! 354",
                "COMMENT: Any=200 ; Seq# M168 |RI:220|                         ! 220",
                "Synon: RI: 986,12                                             ! 986.12",
                "Comments: \"retention index=1100.5\" \"x=y\"                   ! 1100.5",
                "RI: NA                                                        !",
                "RETENTIONINDEX: -1                                            !",
            })
    void next_retentionIndexInAnyPlace_isFound(String line, Double expected) throws IOException {
        MspRecord record =
                read("Name: a\n" + line + "\nNum Peaks: 1\n1 1\n").records.get(0);
        assertThat(record.retentionIndex()).isEqualTo(expected);
    }

    @Test
    void next_fieldsInComments_areUsedWhereNoFieldSays() throws IOException {
        MspRecord record = read("""
                        Name: ethanol
                        InChI:
                        SMILES: NA
                        CAS#: 64175
                        MW: 46,07
                        Comments: "SMILES=CCO" "computed SMILES=OCC" "exact mass=46.0419" "InChIKey=LFQSCWFLJHTTHZ-UHFFFAOYSA-N"
                        Num Peaks: 1
                        31 999
                        """).records.get(0);
        assertThat(record.smiles()).isEqualTo("CCO");
        assertThat(record.inchi()).isNull();
        assertThat(record.casNo()).isEqualTo("64-17-5");
        assertThat(record.molWeight()).isEqualTo(46.07);
        assertThat(record.exactMass()).isEqualTo(46.0419);
        assertThat(record.inchiKey()).isEqualTo("LFQSCWFLJHTTHZ-UHFFFAOYSA-N");
    }

    @Test
    void next_recordsWithoutBlankLineBetween_areTold() throws IOException {
        Result result = read("""
                Name: a
                Num Peaks: 1
                10 1
                InChIKey: AAAAAAAAAAAAAA-UHFFFAOYSA-N
                Name: b
                Num Peaks: 2
                11 1
                Name: c
                Num Peaks: 1
                12 1
                """);
        assertThat(result.records).extracting(MspRecord::name).containsExactly("a", "c");
        // The key stands before the name of b, so it is not a's.
        assertThat(result.records.get(0).inchiKey()).isNull();
        assertThat(result.rejects).singleElement().satisfies(reject -> {
            assertThat(reject.reason()).isEqualTo(MspReject.Reason.PEAK_COUNT);
            assertThat(reject.line()).isEqualTo(6);
            assertThat(reject.detail()).contains("expected 2 peaks").contains("found 1");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Name: x%ID: 7%10 1                          | MALFORMED_LINE | 3",
                "Name: x%ID: 7%Formula: C                    | NO_PEAK_COUNT  | 1",
                "Name: x%ID: 7%Num Peaks: two%1 1            | PEAK_COUNT     | 3",
                "Name: x%ID: 7%Num Peaks: -1%1 1             | PEAK_COUNT     | 3",
                "Name: x%ID: 7%Num Peaks: 1000000000%1 1     | PEAK_COUNT     | 3",
                "Name: x%ID: 7%Num Peaks: 99999999999999999999%1 1 | PEAK_COUNT | 3",
                "Name: x%ID: 7%Num Peaks: 1%1 1%2 2          | PEAK_COUNT     | 3",
                "Name: x%ID: 7%Num Peaks: 0                  | NO_PEAKS       | 3",
                "Name: x%ID: 7%Num Peaks: 2%1 0%2 0          | NO_PEAKS       | 3",
                "Name: x%ID: 7%Num Peaks: 1%1 1 1            | MALFORMED_PEAK | 4",
                "Name: x%ID: 7%Num Peaks: 1%1 1 C6H6         | MALFORMED_PEAK | 4",
                "Name: x%ID: 7%Num Peaks: 1%1 \"1            | MALFORMED_PEAK | 4",
                "Name: x%ID: 7%Num Peaks: 1%1 0x10           | MALFORMED_PEAK | 4",
                "Name: x%ID: 7%Num Peaks: 1%1 1d             | MALFORMED_PEAK | 4",
                "Name: x%ID: 7%Num Peaks: 1%1 \u0661         | MALFORMED_PEAK | 4",
                "Name: x%ID: 7%Num Peaks: 1%1 Infinity       | MALFORMED_PEAK | 4",
                "Name: x%ID: 7%Num Peaks: 1%1 NaN            | PEAK_VALUE     | 4",
                "Name: x%ID: 7%Num Peaks: 1%1 1e999          | PEAK_VALUE     | 4",
                "Name: x%ID: 7%Num Peaks: 1%-1 1             | PEAK_VALUE     | 4",
                "Name: x%ID: 7%Num Peaks: 1%1 -1             | PEAK_VALUE     | 4",
                "Name: x%ID: 7%Num Peaks: 1%1 1%no colon     | MALFORMED_LINE | 5",
                "Name: x%ID: 7%Note: a@b%Num Peaks: 1%1 1    | NUL_CHARACTER  | 3",
            })
    void next_malformedRecord_isRejectedWithLineAndTheNextIsRead(String text, MspReject.Reason reason, long line)
            throws IOException {
        Result result = read(text.replace('%', '\n').replace('@', '\0') + "\n\nName: after\nNum Peaks: 1\n5 5\n");
        assertThat(result.rejects).singleElement().satisfies(reject -> {
            assertThat(reject.reason()).isEqualTo(reason);
            assertThat(reject.line()).isEqualTo(line);
            assertThat(reject.sourceId()).isEqualTo("7");
            assertThat(reject.file()).isEqualTo("text.msp");
        });
        assertThat(result.records).extracting(MspRecord::name).containsExactly("after");
        assertThat(result.present).isEqualTo(2);
    }

    @Test
    void next_bothEncodings_areDecodedLineByLine() throws IOException {
        for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1)) {
            byte[] bytes = "Name: Säure é\nNum Peaks: 1\n1 1\n".getBytes(charset);
            assertThat(read(new ByteArrayInputStream(bytes)).records.get(0).name())
                    .isEqualTo("Säure é");
        }
    }

    @Test
    void next_blocksThatAreNoRecords_areCounted() throws IOException {
        Result result = read("# made by hand\n\nName: a\nNum Peaks: 1\n1 1\n\nInstrument: x\n\n\n");
        assertThat(result.records).hasSize(1);
        assertThat(result.rejects).isEmpty();
        assertThat(result.stray).isEqualTo(2);
    }

    @Test
    void next_lineOfTenMegabytes_isRejectedInLittleMemory() throws IOException {
        byte[] head = "Name: big\nID: 1\nComment: ".getBytes(StandardCharsets.US_ASCII);
        byte[] tail = "\nNum Peaks: 1\n1 1\n\nName: b\nNum Peaks: 1\n1 1\n".getBytes(StandardCharsets.US_ASCII);
        Result result = read(join(head, new Repeated("x", 10_000_000), tail));
        assertThat(result.rejects).extracting(MspReject::reason).containsExactly(MspReject.Reason.TOO_LONG);
        assertThat(result.records).extracting(MspRecord::name).containsExactly("b");
    }

    @Test
    void next_endlessRecord_isRejectedAndTheNextIsRead() throws IOException {
        byte[] head = "Name: big\nID: 1\nNum Peaks: 1000000000\n".getBytes(StandardCharsets.US_ASCII);
        byte[] tail = "Name: b\nNum Peaks: 1\n1 1\n".getBytes(StandardCharsets.US_ASCII);
        Result result = read(join(head, new Repeated("100.5 20\n", 8_000_000), tail));
        assertThat(result.rejects).extracting(MspReject::reason).containsExactly(MspReject.Reason.TOO_LONG);
        assertThat(result.records).extracting(MspRecord::name).containsExactly("b");
    }

    @Test
    void next_manyRecords_givesTheFirstBeforeReadingTheRest() throws IOException {
        Repeated input = new Repeated("Name: a\nNum Peaks: 1\n1 1\n\n", 500_000_000L);
        try (MspReader reader = MspReader.of("text.msp", input)) {
            assertThat(reader.next()).isInstanceOf(MspRecord.class);
            assertThat(input.given).isLessThan(1 << 20);
        }
    }

    @Test
    void next_randomDamage_losesNoRecordAndThrowsNothing() throws IOException {
        String text = "Name: a\nID: 1\nRI: 5\nNum Peaks: 2\n1 1\n2 2 \"x\"\n\n".repeat(5);
        Random random = new Random(5);
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            for (int i = random.nextInt(6); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Result result = read(new ByteArrayInputStream(bytes, 0, random.nextInt(bytes.length)));
            assertThat(result.records.size() + result.rejects.size())
                    .as("round %d", round)
                    .isEqualTo((int) result.present);
        }
    }

    @Test
    void toRecord_casNumberWithoutDashes_isWrittenWithThemOnlyIfItsCheckDigitIsRight() throws IOException {
        for (String[] pair : new String[][] {
            {"7732185", "7732-18-5"}, {"0007732185", "7732-18-5"}, {"7732186", "7732186"}, {"0", null}, {"x", "x"}
        }) {
            MspRecord record = read("Name: a\nCASNO: " + pair[0] + "\nNum Peaks: 1\n1 1\n")
                    .records
                    .get(0);
            assertThat(record.casNo()).isEqualTo(pair[1]);
        }
        assertThat(read("Name: a\nMW: 18,5\nNum Peaks: 1\n1 1\n").records.get(0).molWeight())
                .isCloseTo(18.5, within(0.0));
    }

    private record Result(List<MspRecord> records, List<MspReject> rejects, long present, long stray) {}

    private static Result read(String text) throws IOException {
        return read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static Result read(Path file) throws IOException {
        try (MspReader reader = MspReader.open(file)) {
            return drain(reader);
        }
    }

    private static Result read(InputStream in) throws IOException {
        try (MspReader reader = MspReader.of("text.msp", in)) {
            return drain(reader);
        }
    }

    private static Result drain(MspReader reader) throws IOException {
        List<MspRecord> records = new ArrayList<>();
        List<MspReject> rejects = new ArrayList<>();
        for (MspEntry entry = reader.next(); entry != null; entry = reader.next()) {
            if (entry instanceof MspRecord record) {
                records.add(record);
            } else if (entry instanceof MspReject reject) {
                rejects.add(reject);
            }
        }
        return new Result(records, rejects, reader.records(), reader.strayBlocks());
    }

    private static InputStream join(byte[] head, InputStream middle, byte[] tail) {
        return new SequenceInputStream(Collections.enumeration(
                Arrays.asList(new ByteArrayInputStream(head), middle, new ByteArrayInputStream(tail))));
    }

    /** A text over and over, up to a length, without holding it. */
    private static final class Repeated extends InputStream {
        private final byte[] unit;
        private final long length;
        private long given;

        Repeated(String unit, long length) {
            this.unit = unit.getBytes(StandardCharsets.US_ASCII);
            this.length = length / unit.length() * unit.length();
        }

        @Override
        public int read() {
            return given == length ? -1 : unit[(int) (given++ % unit.length)];
        }

        @Override
        public int read(byte[] target, int offset, int count) {
            int some = (int) Math.min(count, length - given);
            for (int i = 0; i < some; i++) {
                target[offset + i] = (byte) read();
            }
            return some == 0 ? -1 : some;
        }
    }
}
