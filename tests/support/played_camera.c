/* Plays one V4L2 camera to a program that is started with LD_PRELOAD: the device is a memory file, its frames are
 * the JPEG files of a folder. PLAYED_DEVICE, PLAYED_FRAMES (folder), PLAYED_SIZE "WxH", PLAYED_FPS; the file
 * PLAYED_WORD is read before each frame: "unplugged" or "hung", anything else plays on. One program, one camera. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { BUFFERS = 3, ROOM = 6 << 20, NAMES = 256 };

static int device = -1;
static unsigned char *memory;
static unsigned waiting[BUFFERS], queued, streaming, sequence;
static struct dirent **names;
static int name_count;

static int real_open(const char *path, int flags, mode_t mode) {
    static int (*real)(const char *, int, ...);
    if (!real) real = dlsym(RTLD_NEXT, "open64");
    return real(path, flags, mode);
}

static int word_is(const char *word) {
    char said[32] = "";
    const char *path = getenv("PLAYED_WORD");
    int file = path ? real_open(path, O_RDONLY | O_CLOEXEC, 0) : -1;
    if (file < 0) return 0;
    ssize_t length = read(file, said, sizeof said - 1);
    close(file);
    return length > 0 && strncmp(said, word, strlen(word)) == 0;
}

static int is_camera(const char *path) {
    const char *played = getenv("PLAYED_DEVICE");
    return path && played && strcmp(path, played) == 0;
}

static int jpegs(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".jpg") == 0;
}

static int open_camera(void) {
    if (word_is("unplugged")) { errno = ENOENT; return -1; }
    int file = memfd_create("played-camera", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, (off_t)BUFFERS * ROOM) < 0) return -1;
    memory = mmap(NULL, (size_t)BUFFERS * ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) { close(file); return -1; }
    if (!names) name_count = scandir(getenv("PLAYED_FRAMES"), &names, jpegs, alphasort);
    queued = streaming = sequence = 0;
    return device = file;
}

#define OPEN(symbol)                                                   \
    int symbol(const char *path, int flags, ...) {                     \
        va_list rest; va_start(rest, flags);                           \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                                  \
        return is_camera(path) ? open_camera() : real_open(path, flags, mode); \
    }
#undef open
#undef open64
OPEN(open)
OPEN(open64)
int __open_2(const char *path, int flags) { return is_camera(path) ? open_camera() : real_open(path, flags, 0); }
int __open64_2(const char *path, int flags) { return is_camera(path) ? open_camera() : real_open(path, flags, 0); }

int close(int file) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "close");
    if (file >= 0 && file == device) { munmap(memory, (size_t)BUFFERS * ROOM); device = -1; }
    return real(file);
}

static void shape(struct v4l2_pix_format *pix) {
    unsigned width = 640, height = 480;
    const char *size = getenv("PLAYED_SIZE");
    if (size) sscanf(size, "%ux%u", &width, &height);
    memset(pix, 0, sizeof *pix);
    pix->width = width; pix->height = height; pix->pixelformat = V4L2_PIX_FMT_MJPEG;
    pix->field = V4L2_FIELD_NONE; pix->sizeimage = ROOM; pix->colorspace = V4L2_COLORSPACE_JPEG;
}

static unsigned pace(void) { const char *fps = getenv("PLAYED_FPS"); return fps ? (unsigned)atoi(fps) : 30; }

static void describe(struct v4l2_buffer *buffer, unsigned index, unsigned used) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    buffer->index = index; buffer->bytesused = used; buffer->length = ROOM; buffer->m.offset = index * ROOM;
    buffer->flags = V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC; buffer->field = V4L2_FIELD_NONE;
    buffer->memory = V4L2_MEMORY_MMAP; buffer->type = V4L2_BUF_TYPE_VIDEO_CAPTURE; buffer->sequence = sequence;
    buffer->timestamp.tv_sec = now.tv_sec; buffer->timestamp.tv_usec = now.tv_nsec / 1000;
}

static int give_frame(struct v4l2_buffer *buffer) {
    if (!streaming) { errno = EINVAL; return -1; }
    while (word_is("hung")) usleep(20000);
    if (word_is("unplugged")) { errno = ENODEV; return -1; }
    if (!queued) { errno = EAGAIN; return -1; }
    usleep(1000000 / pace());
    unsigned index = waiting[0], used = 0;
    memmove(waiting, waiting + 1, sizeof(unsigned) * --queued);
    if (name_count > 0) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", getenv("PLAYED_FRAMES"), names[sequence % name_count]->d_name);
        int file = real_open(path, O_RDONLY | O_CLOEXEC, 0);
        ssize_t length = file < 0 ? 0 : read(file, memory + (size_t)index * ROOM, ROOM);
        if (file >= 0) close(file);
        used = length > 0 ? (unsigned)length : 0;
    }
    describe(buffer, index, used);
    sequence++;
    return 0;
}

static int answer(unsigned request, void *said) {
    if (word_is("unplugged")) { errno = ENODEV; return -1; }
    switch (request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *able = said;
        memset(able, 0, sizeof *able);
        strcpy((char *)able->driver, "played"); strcpy((char *)able->card, "Played document camera");
        able->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        able->capabilities = able->device_caps | V4L2_CAP_DEVICE_CAPS;
        return 0; }
    case VIDIOC_ENUMINPUT:
        if (((struct v4l2_input *)said)->index) break;
        memset(said, 0, sizeof(struct v4l2_input));
        ((struct v4l2_input *)said)->type = V4L2_INPUT_TYPE_CAMERA;
        return 0;
    case VIDIOC_G_INPUT: *(int *)said = 0; return 0;
    case VIDIOC_S_INPUT: if (*(int *)said) break; return 0;
    case VIDIOC_G_FMT: case VIDIOC_S_FMT: case VIDIOC_TRY_FMT: {
        struct v4l2_format *format = said;
        if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) break;
        shape(&format->fmt.pix);
        return 0; }
    case VIDIOC_G_PARM: case VIDIOC_S_PARM: {
        struct v4l2_streamparm *parm = said;
        memset(&parm->parm, 0, sizeof parm->parm);
        parm->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
        parm->parm.capture.timeperframe.numerator = 1; parm->parm.capture.timeperframe.denominator = pace();
        return 0; }
    case VIDIOC_REQBUFS: {
        struct v4l2_requestbuffers *asked = said;
        if (asked->memory != V4L2_MEMORY_MMAP) break;
        if (asked->count > BUFFERS) asked->count = BUFFERS;
        queued = 0;
        return 0; }
    case VIDIOC_QUERYBUF: describe(said, ((struct v4l2_buffer *)said)->index, 0); return 0;
    case VIDIOC_QBUF:
        if (queued >= BUFFERS) break;
        waiting[queued++] = ((struct v4l2_buffer *)said)->index;
        return 0;
    case VIDIOC_STREAMON: streaming = 1; return 0;
    case VIDIOC_STREAMOFF: streaming = queued = 0; return 0;
    case VIDIOC_DQBUF: return give_frame(said);
    }
    errno = EINVAL;
    return -1;
}

int ioctl(int file, unsigned long request, ...) {
    static int (*real)(int, unsigned long, ...);
    va_list rest; va_start(rest, request); void *said = va_arg(rest, void *); va_end(rest);
    if (file >= 0 && file == device) return answer((unsigned)request, said);
    if (!real) real = dlsym(RTLD_NEXT, "ioctl");
    return real(file, request, said);
}
