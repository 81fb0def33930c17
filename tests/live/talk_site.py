"""The site of the live tests of talks: three agents, two queues, a flow to pay by, and a trunk."""

SUPPORT, SALES = "19007000", "19007001"
OUTSIDE, OWN = "+842873000001", "19007000"
PARK_SECONDS = 5.0

FILES = {
    "queues.yaml": f"""
        queues:
          support: {{wrap_up: none, park_seconds: {PARK_SECONDS:.0f}, retry_seconds: 1}}
          sales: {{wrap_up: none, retry_seconds: 1}}
    """,
    "agents.yaml": """
        agents:
          mai: {extension: "3001", queues: [support]}
          john: {extension: "3002", queues: [sales]}
          linh: {extension: "3003", queues: [sales]}
    """,
    "routes/main.yaml": f"""
        numbers:
          "{SUPPORT}": {{queue: support, language: en}}
          "{SALES}": {{queue: sales, language: en}}
        outbound:
          caller_id: "{OWN}"
          trunk: trunk
          numbers:
            "+84.": {{}}
          trunks:
            trunk: {{dial_as: national}}
    """,
    "flows/thanks.yaml": """
        flow: thanks
        start: bye
        nodes:
          bye: {type: hangup, prompts: [connecting, held, goodbye]}
    """,
}
