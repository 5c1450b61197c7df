package dev.millrace.exafs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A text file of numbers, read whole. Errors name it by {@code what} it is, and the line, from 1, or 0 where none is at fault. */
final class FeffText {
    private FeffText() {}

    static String read(String what, Path file, long mostBytes) throws IOException {
        if (Files.size(file) > mostBytes) {
            throw new MalformedTableException(what, file, 0, "expected at most " + mostBytes + " bytes, found more");
        }
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    /** A finite number, as Fortran writes it. */
    static double number(String what, Path file, int line, String word) throws MalformedTableException {
        byte[] bytes = word.getBytes(StandardCharsets.ISO_8859_1);
        double value = FortranNumber.parse(bytes, 0, bytes.length);
        if (!Double.isFinite(value)) {
            throw new MalformedTableException(
                    what, file, line, "expected a finite number, found '" + FeffLines.visible(word) + "'");
        }
        return value;
    }
}
