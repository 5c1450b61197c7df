package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RowDigestTest {
    private static final CheckedTable TABLE = new CheckedTable("t", "id", List.of("a", "b", "c", "d", "e"));

    /* The reference is computed bit by bit from the definition of CRC-32C, over bytes laid out by hand. */
    @Test
    void of_everyType_isTheCrcOfTheDocumentedLayout() {
        byte[] nameCrc = HexFormat.of().parseHex(littleHex(crc32c(new byte[] {'t'}), 4));
        String layout = HexFormat.of().formatHex(nameCrc)
                + "0700000000000000" // key
                + "02000000" + "03000000" + "08000000" + "08000000" + "ffffffff" // lengths, NULL
                + "0aff" // BLOB
                + "61c3bc" // TEXT "aü"
                + "feffffffffffffff" // INTEGER -2
                + "000000000000f83f"; // REAL 1.5

        assertThat(new RowDigest(TABLE).of(7, new byte[] {10, -1}, "aü", -2, 1.5, null))
                .isEqualTo(crc32c(HexFormat.of().parseHex(layout)));
    }

    @Test
    void crc32c_checkValueOfTheStandard_confirmsTheReference() {
        assertThat(crc32c("123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .isEqualTo(0xE3069283L);
    }

    @Test
    void of_spansInPlace_equalsTheDriversObjects() {
        CheckedTable table = new CheckedTable("g", "id", List.of("a", "b", "c"));
        RowDigest digest = new RowDigest(table);
        byte[] a = {1, 2, 3};
        byte[] c = {};

        long spans = digest.begin(5, 2, -1, 0).value(a, 1, 2).value(c, 0, 0).end();

        assertThat(spans).isEqualTo(digest.of(5, new byte[] {2, 3}, null, c));
    }

    @Test
    void of_anythingThatDiffers_changesTheChecksum() {
        Set<Long> seen = new HashSet<>();
        byte[] a = {1, 2};
        byte[] b = {3};
        RowDigest digest = new RowDigest(TABLE);
        assertThat(List.of(
                        digest.of(1, a, b, 1, 1.0, null),
                        digest.of(2, a, b, 1, 1.0, null),
                        digest.of(1, b, a, 1, 1.0, null),
                        digest.of(1, new byte[] {1}, new byte[] {2, 3}, 1, 1.0, null),
                        digest.of(1, new byte[] {1, 2, 3}, new byte[0], 1, 1.0, null),
                        digest.of(1, a, b, null, 1.0, 1),
                        digest.of(1, a, b, 1, 1.0, new byte[0]),
                        digest.of(1, a, b, 1, -1.0, null),
                        new RowDigest(new CheckedTable("u", "id", TABLE.columns())).of(1, a, b, 1, 1.0, null)))
                .allMatch(seen::add)
                .allMatch(crc -> crc >= 0 && crc < 1L << 32);
    }

    @Test
    void of_otherObject_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new RowDigest(TABLE).of(1, 1.5f, 0, 0, 0, 0));
    }

    @Test
    void checkedTable_nameThatIsNoIdentifier_isRefused() {
        for (String name : new String[] {"", "a b", "a;--", "a\"", "1a", "a.b", "x".repeat(64)}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new CheckedTable(name, "id", List.of()));
            assertThatIllegalArgumentException().isThrownBy(() -> new CheckedTable("t", name, List.of()));
            assertThatIllegalArgumentException().isThrownBy(() -> new CheckedTable("t", "id", List.of(name)));
        }
    }

    private static String littleHex(long value, int bytes) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < bytes; i++) {
            hex.append(HexFormat.of().toHexDigits((byte) (value >>> (8 * i))));
        }
        return hex.toString();
    }

    private static long crc32c(byte[] bytes) {
        int crc = -1;
        for (byte octet : bytes) {
            crc ^= octet & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82F63B78;
            }
        }
        return ~crc & 0xFFFFFFFFL;
    }
}
