package dev.millrace.batch;

import dev.millrace.tensor.DType;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes a picture in a BLOB, PNG, JPEG, GIF or BMP, into grey or red, green and blue of 0 … 255.
 *
 * <p>A picture of another size is stretched to that of the slot, each pixel being the mean of what it covers. Transparency is
 * ignored. Grey is 0.299 red + 0.587 green + 0.114 blue. Of an animation the first picture counts.
 *
 * <p>Immutable, thread-safe.
 */
public final class PictureTransform implements SlotTransform {
    /** A BLOB of a few bytes may say that it is larger than any memory. */
    private static final long MOST_PIXELS = 1 << 26;

    private static final int MOST_CHANNELS = 4;
    private static final int COLOURS = 3;
    private static final double[] GREY = {0.299, 0.587, 0.114};

    private final int channels;
    private final int height;
    private final int width;
    private final boolean last;
    private final SlotTransform rows;

    private PictureTransform(List<Integer> shape) {
        last = shape.size() == COLOURS && channelsLast(shape);
        channels = shape.size() == 2 ? 1 : shape.get(last ? 2 : 0);
        height = shape.get(shape.size() == 2 || last ? 0 : 1);
        width = shape.get(shape.size() == 2 || last ? 1 : 2);
        rows = SlotTransform.perRow("picture-1", this::decode);
    }

    /**
     * A slot of a column of pictures.
     *
     * @param shape [H, W] for grey, or with an axis of 1 or 3 channels before or behind
     * @throws IllegalArgumentException if the shape is no such one
     */
    public static QuerySlot slot(String name, String column, DType type, List<Integer> shape) {
        String fault = fault(shape);
        if (fault != null) {
            throw new IllegalArgumentException("Cannot make slot '" + name + "': shape " + fault + ".");
        }
        return QuerySlot.computed(name, type, shape, new PictureTransform(shape), column);
    }

    /** What is wrong with a shape, in words; null for one that pictures have. */
    public static @org.jspecify.annotations.Nullable String fault(List<Integer> shape) {
        boolean fits =
                (shape.size() == 2 || shape.size() == COLOURS) && shape.stream().allMatch(side -> side > 0);
        if (fits && shape.size() == COLOURS) {
            int depth = shape.get(channelsLast(shape) ? 2 : 0);
            fits = depth == 1 || depth == COLOURS;
        }
        return fits ? null : "must be [H, W], [C, H, W] or [H, W, C] with 1 or 3 channels, found " + shape;
    }

    /** Whether the channels of a shape of three axes are the last: that axis has at most four elements, and the first more. */
    public static boolean channelsLast(List<Integer> shape) {
        return shape.get(0) > MOST_CHANNELS && shape.get(2) <= MOST_CHANNELS;
    }

    /** Whether bytes begin as PNG, JPEG, GIF or BMP does; cheap, and no promise that the rest follows. */
    static boolean isPicture(byte[] bytes) {
        String start = new String(bytes, 0, Math.min(4, bytes.length), StandardCharsets.ISO_8859_1);
        return start.startsWith("\u0089PNG")
                || start.startsWith("\u00ff\u00d8\u00ff")
                || start.startsWith("GIF8")
                || start.startsWith("BM");
    }

    @Override
    public String fingerprint() {
        return rows.fingerprint();
    }

    @Override
    public List<byte[]> apply(SlotRows batch) {
        return rows.apply(batch);
    }

    private void decode(SlotInput row, SlotOutput out) {
        byte[] bytes = row.bytes(0);
        double[][] colours = fitted(read(bytes));
        int plane = height * width;
        for (int i = 0; i < channels * plane; i++) {
            double value = last ? colours[i % channels][i / channels] : colours[i / plane][i % plane];
            out.put(Math.round(value));
        }
    }

    /** As many channels as the slot has, of its size. */
    private double[][] fitted(Decoded picture) {
        double[][] fitted = new double[channels][];
        for (int channel = 0; channel < channels; channel++) {
            double[] plane = picture.colours[Math.min(channel, picture.colours.length - 1)];
            if (channels == 1 && picture.colours.length == COLOURS) {
                plane = new double[plane.length];
                for (int i = 0; i < plane.length; i++) {
                    for (int colour = 0; colour < COLOURS; colour++) {
                        plane[i] += GREY[colour] * picture.colours[colour][i];
                    }
                }
            }
            double[] asHigh = stretched(plane, picture.width, picture.height, height, true);
            fitted[channel] = stretched(asHigh, height, picture.width, width, false);
        }
        return fitted;
    }

    /** Stretches the lines of a picture, the upright ones or the level ones, from one length to another. */
    private static double[] stretched(double[] source, int lines, int length, int target, boolean upright) {
        if (length == target) {
            return source;
        }
        double[] result = new double[lines * target];
        double scale = (double) length / target;
        for (int i = 0; i < target; i++) {
            double from = i * scale;
            double to = Math.min(length, from + scale);
            for (int line = 0; line < lines; line++) {
                double sum = 0;
                for (int j = (int) from; j < to; j++) {
                    double share = Math.min(to, j + 1.0) - Math.max(from, j);
                    sum += share * source[upright ? j * lines + line : line * length + j];
                }
                result[upright ? i * lines + line : line * target + i] = sum / (to - from);
            }
        }
        return result;
    }

    /** Grey, or red, green and blue, each row by row from 0 to 255. */
    private record Decoded(int width, int height, double[][] colours) {}

    private static Decoded read(byte[] bytes) {
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw unreadable(bytes, "of another kind");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(stream, true, true);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > MOST_PIXELS) {
                    throw new SlotMisfitException("expected a picture of at most " + MOST_PIXELS + " pixels, found "
                            + reader.getWidth(0) + " × " + reader.getHeight(0));
                }
                return colours(reader.read(0));
            } finally {
                reader.dispose();
            }
        } catch (SlotMisfitException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The readers throw whatever comes of damaged bytes.
            throw unreadable(bytes, "that cannot be decoded, " + e.getMessage());
        }
    }

    private static SlotMisfitException unreadable(byte[] bytes, String why) {
        return new SlotMisfitException(
                "expected a picture, PNG, JPEG, GIF or BMP, found a BLOB of " + bytes.length + " bytes " + why);
    }

    private static Decoded colours(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        // Not getRGB where samples can be had: it would brighten what is grey.
        if (image.getColorModel() instanceof ComponentColorModel model) {
            int bands = image.getRaster().getNumBands();
            double[][] planes = new double[bands < COLOURS ? 1 : COLOURS][];
            double white = (1L << model.getComponentSize(0)) - 1;
            for (int band = 0; band < planes.length; band++) {
                planes[band] = image.getRaster().getSamples(0, 0, width, height, band, (double[]) null);
                for (int i = 0; white != 255 && i < planes[band].length; i++) {
                    planes[band][i] *= 255 / white;
                }
            }
            return new Decoded(width, height, planes);
        }
        int[] packed = image.getRGB(0, 0, width, height, null, 0, width);
        double[][] planes = new double[COLOURS][packed.length];
        for (int i = 0; i < packed.length; i++) {
            planes[0][i] = packed[i] >> 16 & 0xFF;
            planes[1][i] = packed[i] >> 8 & 0xFF;
            planes[2][i] = packed[i] & 0xFF;
        }
        return new Decoded(width, height, planes);
    }
}
