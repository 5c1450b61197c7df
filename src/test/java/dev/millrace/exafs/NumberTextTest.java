package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumberTextTest {
    @TempDir
    Path folder;

    @Test
    void exact_values_areThoseOfPrintf() {
        assertThat(NumberText.exact(0.05)).isEqualTo("0.050000000000000003");
        assertThat(NumberText.exact(20)).isEqualTo("20");
        assertThat(NumberText.exact(0)).isEqualTo("0");
        assertThat(NumberText.exact(-0.0)).isEqualTo("-0");
        assertThat(NumberText.exact(-1.5e-5)).isEqualTo("-1.5e-05");
        assertThat(NumberText.exact(1e-4)).isEqualTo("0.0001");
        assertThat(NumberText.exact(1e16)).isEqualTo("10000000000000000");
        assertThat(NumberText.exact(1e17)).isEqualTo("1e+17");
        assertThat(NumberText.exact(1.7976931348623157e308)).isEqualTo("1.7976931348623157e+308");
        assertThat(NumberText.exact(4.9e-324)).isEqualTo("4.9406564584124654e-324");
        assertThat(NumberText.exact(Double.NaN)).isEqualTo("nan");
        assertThat(NumberText.exact(Double.NEGATIVE_INFINITY)).isEqualTo("-inf");
    }

    @Test
    void parse_anyNumber_isThatOfJava() {
        Random random = new Random(7);
        for (int i = 0; i < 200_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                assertThat(parse(NumberText.exact(value))).isEqualTo(value);
            }
            double usual = (random.nextInt(2_000_000) - 1_000_000) / 1e4 * Math.pow(10, random.nextInt(9) - 6);
            assertThat(parse(String.format(java.util.Locale.ROOT, "%.4E", usual)))
                    .isEqualTo(Double.parseDouble(String.format(java.util.Locale.ROOT, "%.4E", usual)) + 0.0);
        }
    }

    @Test
    void parse_waysOfFortran_areTaken() {
        assertThat(parse("1.0-100")).isEqualTo(1e-100);
        assertThat(parse("-.5")).isEqualTo(-0.5);
        assertThat(parse("1D3")).isEqualTo(1000);
        assertThat(parse("+12.")).isEqualTo(12);
        assertThat(parse("123456789012345678901234567890.0-5")).isEqualTo(1.2345678901234568e24);
        assertThat(parse("1e999")).isInfinite();
        assertThat(parse("1e-999")).isZero();
        for (String none : List.of(
                "",
                ".",
                "-",
                "e5",
                "1e",
                "1e+",
                "1.2.3",
                "0x10",
                "NaN",
                "1f",
                "1 ",
                "1-",
                "1.0+-3",
                "99999999999999999999x",
                "1__0",
                "12345678901234567890d")) {
            assertThat(parse(none)).as(none).isNaN();
        }
    }

    private static double parse(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return FortranNumber.parse(bytes, 0, bytes.length);
    }

    @Test
    void table_ofAnyKind_givesItsColumns() throws IOException {
        Path csv = Files.writeString(folder.resolve("a.csv"), "k, Chi\n0,1\n1 , 2\r\n\n");
        Path text = Files.writeString(folder.resolve("a.dat"), "# k chi\n  0.0  1.0\n 1 2\n");

        for (Path file : List.of(csv, text)) {
            NumberTable table = NumberTable.read(file);
            assertThat(table.column(0, "k")).containsExactly(0, 1);
            assertThat(table.column(1, "chi")).containsExactly(1, 2);
        }
        assertThatThrownBy(() -> NumberTable.read(csv).column(0, "r")).hasMessageContaining("'r', found k, Chi");
        assertThatThrownBy(() -> NumberTable.read(text).column(2, "im")).hasMessageContaining("3 columns or more");
    }

    @Test
    void table_damaged_isRefusedWithItsLine() throws IOException {
        for (String content : List.of("", "# only\n", "k,chi\n")) {
            Path file = Files.writeString(folder.resolve("b.csv"), content);
            assertThatThrownBy(() -> NumberTable.read(file)).hasMessageContaining("expected rows of numbers");
        }
        for (String content : List.of("k,chi\n0,1\n1,nan\n", "0 1\n\n1\n", "0 1\n# c\n1 x\n", "k,c\n0,1\n1,\n")) {
            Path file = Files.writeString(folder.resolve("b.csv"), content);
            assertThatThrownBy(() -> NumberTable.read(file)).hasMessageContaining("line 3");
        }
    }
}
