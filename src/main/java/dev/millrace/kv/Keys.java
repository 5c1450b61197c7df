package dev.millrace.kv;

import java.util.Comparator;
import java.util.Locale;
import java.util.Objects;

/** Which keys and names of namespaces there may be. */
final class Keys {
    /** In bytes of UTF-8. */
    static final int LONGEST = 1 << 16;

    /** The order of keys in a file: that of their UTF-8 bytes, which is that of their code points. */
    static final Comparator<String> ORDER = (left, right) -> {
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                // As chars, surrogates come before U+E000 … U+FFFF; as code points, after every other char.
                int lifted = Boolean.compare(Character.isSurrogate(a), Character.isSurrogate(b));
                return lifted != 0 ? lifted : Character.compare(a, b);
            }
        }
        return Integer.compare(left.length(), right.length());
    };

    private static final int SHOWN_CHARS = 80;

    private Keys() {}

    /**
     * Accepts any text that UTF-8 can hold.
     *
     * @throws IllegalArgumentException if it has half a surrogate pair, which UTF-8 cannot hold, or is too long
     */
    static String checked(String what, String text) {
        int length = Objects.requireNonNull(text, what).length();
        int bytes = length;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                continue;
            }
            if (!Character.isSurrogate(c)) {
                bytes += c < 0x800 ? 1 : 2;
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 2;
                i++;
            } else {
                throw new IllegalArgumentException("Expected a " + what + " of whole characters, found half a surrogate"
                        + " pair, \\u" + Integer.toHexString(c) + ", at position " + i + " of " + shown(text) + ".");
            }
        }
        if (bytes > LONGEST) {
            throw new IllegalArgumentException("Expected a " + what + " of at most " + LONGEST
                    + " bytes in UTF-8, found " + bytes + ": " + shown(text) + ".");
        }
        return text;
    }

    /** A key as part of a message: quoted, no control characters, not too long. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder("'");
        text.codePoints().limit(SHOWN_CHARS).forEach(c -> {
            boolean plain = !Character.isISOControl(c)
                    && Character.getType(c) != Character.FORMAT
                    && Character.getType(c) != Character.SURROGATE;
            if (plain) {
                shown.appendCodePoint(c);
            } else {
                shown.append(String.format(Locale.ROOT, "\\u%04x", c));
            }
        });
        boolean cut = text.codePointCount(0, text.length()) > SHOWN_CHARS;
        return shown.append(cut ? "…'" : "'").toString();
    }
}
