"""What is said by those who answer the calls of ``greetings.py``; ``/0.5/`` is half a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SAID: Mapping[str, Mapping[str, Sequence[str]]] = {
    "person": {
        "en": (
            "Hello?",
            "Yes?",
            "Hi.",
            "Hello? /0.4/ Hello?",
            "Good morning.",
            "Hello, John speaking.",
            "Hi, this is Mary.",
            "Hello, who is this?",
            "Yeah, hello?",
            "Smith residence.",
        ),
        "vi": (
            "A lô?",
            "A lô!",
            "Dạ?",
            "A lô? /0.4/ A lô?",
            "A lô, tôi nghe.",
            "Vâng, tôi nghe đây.",
            "A lô, ai đấy?",
            "Dạ, em nghe ạ.",
            "A lô, Hùng đây.",
            "Dạ a lô, cho hỏi ai gọi đấy ạ?",
        ),
    },
    "person, long": {
        "en": (
            "Acme Plumbing, good morning, Susan speaking, how can I help you?",
            "Thank you for calling Northern Bank. /0.3/ This is Peter.",
            "Good afternoon, Doctor Brown's office, Anna speaking.",
            "Front desk, this is Michael, how may I help you?",
        ),
        "vi": (
            "Dạ, công ty Minh Anh xin nghe, em có thể giúp gì cho anh chị ạ?",
            "Nhà thuốc An Khang xin nghe.",
            "Dạ, khách sạn Hoa Sen xin chào quý khách. /0.3/ Em là Lan.",
            "Phòng khám Thiện Tâm xin nghe ạ, anh chị cần gì ạ?",
        ),
    },
    "person, late": {
        "en": ("Hello?", "Hello, sorry, who is it?"),
        "vi": ("A lô?", "A lô, xin lỗi, ai gọi đấy ạ?"),
    },
    "mailbox": {
        "en": (
            "Hi, you've reached John. /0.5/ I can't come to the phone right now. /0.4/ "
            "Please leave "
            "a message after the beep.",
            "Hello, this is Mary. /0.7/ Leave me a message and I will call you back.",
            "Hi, it's Dave. /0.6/ You know what to do.",
            "Your call has been forwarded to an automatic voice message system. /0.5/ Five "
            "five five "
            "/0.2/ zero one nine nine /0.3/ is not available. /0.4/ At the tone, please "
            "record your "
            "message.",
            "Hey! /0.8/ Sorry I missed you. /0.4/ Leave your name and number.",
            "You have reached the Miller family. /0.4/ We are not at home right now.",
            "The person you are calling is unavailable. /0.5/ Please leave a message after "
            "the tone.",
            "Hello? /0.9/ Just kidding, I'm not here. /0.4/ Leave a message.",
            "Thanks for calling Acme Plumbing. /0.5/ Our office is closed. /0.5/ Please leave your "
            "name and number after the tone.",
            "This is Sarah's phone. /0.5/ Please leave a message.",
        ),
        "vi": (
            "Xin chào, đây là hộp thư thoại của Nam. /0.5/ Hiện tại tôi không thể nghe máy. "
            "/0.4/ Vui "
            "lòng để lại lời nhắn sau tiếng bíp.",
            "Thuê bao quý khách vừa gọi hiện không thể nhận cuộc gọi. /0.5/ Xin vui lòng để "
            "lại lời "
            "nhắn sau tiếng tút.",
            "A lô, Hùng đây. /0.7/ Tôi đang bận, bạn để lại lời nhắn nhé.",
            "Chào bạn, mình là Lan. /0.6/ Mình sẽ gọi lại sau.",
            "Bạn đang gọi đến hộp thư thoại. /0.5/ Hãy để lại tin nhắn sau tiếng bíp.",
            "Cảm ơn quý khách đã gọi đến công ty Minh Anh. /0.5/ Hiện đã hết giờ làm việc. "
            "/0.4/ Xin "
            "quý khách để lại lời nhắn.",
            "A lô! /0.9/ Mình không nghe máy được. /0.4/ Nhắn tin cho mình nhé.",
            "Xin chào. /0.6/ Gia đình tôi đi vắng, xin để lại tên và số điện thoại.",
            "Số máy này hiện không có người trả lời. /0.5/ Để gửi lời nhắn, xin nói sau tiếng tút.",
            "Đây là điện thoại của Mai. /0.5/ Xin để lại lời nhắn.",
        ),
    },
    "announcement": {
        "en": (
            "The number you have dialed is not in service. /0.4/ Please check the number and dial "
            "again.",
            "The subscriber you are calling is not reachable at the moment. /0.4/ Please try again "
            "later.",
            "All circuits are busy now. /0.4/ Please try your call later.",
        ),
        "vi": (
            "Thuê bao quý khách vừa gọi tạm thời không liên lạc được. /0.4/ Xin quý khách vui lòng "
            "gọi lại sau.",
            "Số máy quý khách vừa gọi không có thực. /0.4/ Xin quý khách vui lòng kiểm tra lại.",
            "Thuê bao quý khách vừa gọi hiện đang bận. /0.4/ Xin quý khách gọi lại sau ít phút.",
        ),
    },
    "menu": {
        "en": (
            "Welcome to Northern Bank. /0.4/ For accounts, press one. /0.4/ For cards, press two.",
            "Thank you for calling. /0.4/ If you know your party's extension, please dial it now.",
        ),
        "vi": (
            "Chào mừng quý khách đến với ngân hàng Phương Bắc. /0.4/ Để gặp tổng đài viên, "
            "nhấn phím "
            "một.",
            "Cảm ơn quý khách đã gọi. /0.4/ Nếu biết số nội bộ, xin mời nhấn số.",
        ),
    },
}

HUMAN: Mapping[str, tuple[str, str]] = {
    "human-hello": ("person", "hello"),
    "human-hello-twice": ("person", "hello /0.5/ hello"),
    "human-hello-world": ("person", "hello-world"),
    "human-sorry": ("person", "hello /0.2/ sorry"),
    "human-mailbox-of-number": (
        "mailbox",
        "vm-theperson digits/5 digits/5 digits/0 digits/1 vm-isunavail /0.3/ vm-intro",
    ),
    "human-mailbox-nobody": ("mailbox", "vm-nobodyavail /0.4/ vm-intro"),
    "human-mailbox-on-phone": (
        "mailbox",
        "vm-theperson digits/7 digits/0 vm-isonphone /0.3/ vm-intro",
    ),
    "human-mailbox-leave": ("mailbox", "vm-leavemsg"),
    "human-mailbox-instructions": ("mailbox", "vm-msginstruct"),
    "human-not-in-service": ("announcement", "ss-noservice"),
    "human-cannot-complete": (
        "announcement",
        "cannot-complete-as-dialed /0.3/ check-number-dial-again",
    ),
    "human-circuits-busy": ("announcement", "all-circuits-busy-now /0.3/ please-try-call-later"),
    "human-not-answering": ("announcement", "number-not-answering"),
    "human-main-menu": ("menu", "basic-pbx-ivr-main"),
    "human-congratulations": ("menu", "demo-congrats"),
}
"""Kind, and files of Asterisk's English prompts."""

VOICES: Mapping[str, Sequence[str]] = {
    "en": ("en-us", "en-gb", "en-gb-x-rp", "en-gb-scotland", "en-us-nyc", "en-029"),
    "vi": ("vi", "vi-vn-x-central", "vi-vn-x-south"),
}
VARIANTS = ("", "+m1", "+m3", "+m7", "+f1", "+f2", "+f4", "+f5", "+klatt2", "+linda", "+max")
WORDS_PER_MINUTE: Mapping[str, tuple[int, int]] = {"en": (130, 200), "vi": (130, 190)}

ROOMS = (-70.0, -60.0, -52.0, -46.0, -40.0)
ROOM_WEIGHTS = (3, 4, 3, 2, 1)
"""Noise behind a person, in dBFS RMS: a studio, a home, an office, a street, a bus."""

SHARE_WITH_BEEP = 0.75
BEEPS = (440.0, 620.0, 800.0, 950.0, 1000.0, 1400.0, 2000.0)

SIT: Mapping[str, Sequence[tuple[float, float]]] = {
    "intercept": ((913.8, 0.274), (1370.6, 0.274), (1776.7, 0.380)),
    "vacant": ((985.2, 0.380), (1370.6, 0.274), (1776.7, 0.380)),
    "reorder": ((913.8, 0.274), (1428.5, 0.380), (1776.7, 0.380)),
    "no-circuit": ((985.2, 0.380), (1428.5, 0.380), (1776.7, 0.380)),
    "international": ((950.0, 0.330), (1400.0, 0.330), (1800.0, 0.330)),
}
"""ITU-T E.180 and its American kin."""

TONES: Mapping[str, tuple[Sequence[float], float, float]] = {
    "busy-us": ((480.0, 620.0), 0.5, 0.5),
    "busy-vn": ((425.0,), 0.5, 0.5),
    "congestion-vn": ((425.0,), 0.25, 0.25),
    "ringing-us": ((440.0, 480.0), 2.0, 4.0),
    "ringing-vn": ((425.0,), 1.0, 4.0),
}
