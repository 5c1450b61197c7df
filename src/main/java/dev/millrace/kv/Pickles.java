package dev.millrace.kv;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/**
 * Recognises values that Python pickled, by their bytes alone. Nothing of them is carried out: a pickle is a program.
 *
 * <p>Protocols 2 to 5 begin with 0x80 and their number and end with a full stop. Protocols 0 and 1 have no mark: there, all
 * must be opcodes with well-formed arguments, from the first byte to a STOP that is the last byte and finds one object; and
 * among them one that few other values would have: a number on a line of its own, or the memo that Python keeps of every text
 * and container. So {@code None} in protocol 0, which is the text {@code N.}, is not recognised, nor are single numbers in
 * protocol 1.
 */
final class Pickles {
    /** What {@link #protocol} says of protocols 0 and 1, which have most opcodes in common. */
    static final int UNMARKED = 0;

    static final int NONE = -1;

    private static final int MARKER = 0x80;
    private static final int STOP = '.';
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+L?");
    private static final Pattern INDEX = Pattern.compile("[0-9]+");
    private static final Pattern FLOAT = Pattern.compile("[+-]?([0-9]+(\\.[0-9]*)?(e[+-]?[0-9]+)?|inf|nan)");

    private final ByteBuffer in;
    /** Numbers of objects below each open MARK. */
    private final Deque<Integer> marks = new ArrayDeque<>();

    private int objects;
    private boolean telling;

    private Pickles(byte[] bytes) {
        in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The protocol of a pickle: 2 to 5, {@link #UNMARKED} for those before; {@link #NONE} if it is none. */
    static int protocol(byte[] bytes) {
        if (bytes.length < 2 || bytes[bytes.length - 1] != STOP) {
            return NONE;
        }
        if ((bytes[0] & 0xFF) == MARKER) {
            return bytes.length > 2 && bytes[1] >= 2 && bytes[1] <= 5 ? bytes[1] : NONE;
        }
        return new Pickles(bytes).isUnmarked() ? UNMARKED : NONE;
    }

    private boolean isUnmarked() {
        while (in.hasRemaining()) {
            int opcode = in.get() & 0xFF;
            if (opcode == STOP) {
                return !in.hasRemaining() && objects == 1 && marks.isEmpty() && telling;
            }
            if (!step(opcode)) {
                return false;
            }
        }
        return false;
    }

    /** Goes over one opcode and its arguments; false if there is no such, or it does not fit here. */
    private boolean step(int opcode) {
        return switch (opcode) {
            case '(' -> {
                marks.push(objects);
                objects = 0;
                yield true;
            }
            // None, and the empty tuple, list and dict
            case 'N', ')', ']', '}' -> push();
            case 'I' -> telling(line(INTEGER)) && push();
            case 'L' -> telling(line(INTEGER)) && push();
            case 'F' -> telling(line(FLOAT)) && push();
            case 'V', 'S', 'P' -> line() && push();
            case 'c' -> twoLines() && push();
            case 'K' -> skip(1) && push();
            case 'M' -> skip(2) && push();
            case 'J' -> skip(4) && push();
            case 'G' -> skip(8) && push();
            case 'U' -> counted(1) && push();
            case 'T', 'X' -> counted(4) && push();
            // to the memo
            case 'p' -> objects > 0 && telling(line(INDEX));
            case 'q' -> objects > 0 && telling(skip(1));
            case 'r' -> objects > 0 && telling(skip(4));
            // from the memo
            case 'g' -> line(INDEX) && push();
            case 'h' -> skip(1) && push();
            case 'j' -> skip(4) && push();
            case '0' -> pop(1);
            case '2' -> objects > 0 && push();
            case '1' -> toMark();
            // tuple, list and dict of what came since the MARK
            case 't', 'l', 'd' -> toMark() && push();
            case 'i' -> twoLines() && toMark() && push();
            case 'o' -> objects > 0 && toMark() && push();
            // append, set one item, build, reduce; append and set all since the MARK
            case 'a', 'b', 'R' -> objects > 1 && pop(1);
            case 's' -> objects > 2 && pop(2);
            case 'e', 'u' -> toMark() && objects > 0;
            case 'Q' -> pop(1) && push();
            default -> false;
        };
    }

    private boolean push() {
        objects++;
        return true;
    }

    private boolean pop(int count) {
        objects -= count;
        return objects >= 0;
    }

    private boolean toMark() {
        if (marks.isEmpty()) {
            return false;
        }
        objects = marks.pop();
        return true;
    }

    private boolean telling(boolean fits) {
        telling |= fits;
        return fits;
    }

    private boolean skip(int bytes) {
        if (bytes < 0 || bytes > in.remaining()) {
            return false;
        }
        in.position(in.position() + bytes);
        return true;
    }

    /** Bytes whose number stands before them, in one byte or four. */
    private boolean counted(int width) {
        if (in.remaining() < width) {
            return false;
        }
        return skip(width == 1 ? in.get() & 0xFF : in.getInt());
    }

    private boolean line() {
        int end = lineEnd();
        return end >= 0 && skip(end + 1 - in.position());
    }

    /** A module and a name. */
    private boolean twoLines() {
        boolean first = line();
        return first && line();
    }

    private boolean line(Pattern expected) {
        int from = in.position();
        if (!line()) {
            return false;
        }
        int length = in.position() - 1 - from;
        return expected.matcher(new String(in.array(), from, length, StandardCharsets.ISO_8859_1))
                .matches();
    }

    private int lineEnd() {
        for (int i = in.position(); i < in.limit(); i++) {
            if (in.get(i) == '\n') {
                return i;
            }
        }
        return -1;
    }
}
