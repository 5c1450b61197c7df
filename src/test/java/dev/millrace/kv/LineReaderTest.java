package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LineReaderTest {
    private static List<String> lines(String text) throws IOException {
        LineReader reader = new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), 300_000);
        List<String> lines = new ArrayList<>();
        while (reader.next()) {
            lines.add(new String(reader.bytes(), 0, reader.length(), StandardCharsets.UTF_8));
            assertThat(reader.number()).isEqualTo(lines.size());
        }
        assertThat(reader.next()).isFalse();
        assertThat(reader.number()).isEqualTo(lines.size());
        return lines;
    }

    @Test
    void next_linesWithAndWithoutALastLineFeed_areAllRead() throws IOException {
        assertThat(lines("")).isEmpty();
        assertThat(lines("a")).containsExactly("a");
        assertThat(lines("a\n")).containsExactly("a");
        assertThat(lines("\n\na\r\n\n")).containsExactly("", "", "a\r", "");
        assertThat(lines("ö\n" + "x".repeat(299_999) + "\nend")).containsExactly("ö", "x".repeat(299_999), "end");
    }

    @Test
    void next_lineLongerThanTheLimit_isRefusedWithItsNumber() throws IOException {
        byte[] bytes = ("a\n" + "x".repeat(101)).getBytes(StandardCharsets.UTF_8);
        LineReader reader = new LineReader(new ByteArrayInputStream(bytes), 100);

        assertThat(reader.next()).isTrue();
        assertThatIllegalArgumentException().isThrownBy(reader::next).withMessageContaining("100 bytes");
        assertThat(reader.number()).isEqualTo(2);
    }
}
